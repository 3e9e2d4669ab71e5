<?php
declare(strict_types=1);

/** The articles in an SQLite file, which is made and filled at the first request. */
final class Articles
{
    private PDO $database;

    public function __construct(string $file, string $images)
    {
        $this->database = new PDO("sqlite:$file", options: [PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);
        $this->database->exec('PRAGMA busy_timeout = 5000');
        $this->database->exec('CREATE TABLE IF NOT EXISTS article (slug TEXT PRIMARY KEY, title TEXT, cover TEXT, body TEXT)');
        $insert = $this->database->prepare('INSERT OR IGNORE INTO article VALUES (?, ?, ?, ?)');
        foreach (json_decode(file_get_contents(__DIR__ . '/../articles.json'), true) as $article) {
            $body = str_replace('{images}', $images, $article['body']);
            $insert->execute([$article['slug'], $article['title'], "$images/{$article['cover']}", $body]);
        }
    }

    /** @return list<array{slug: string, title: string, cover: string, body: string}> */
    public function all(): array
    {
        return $this->database->query('SELECT * FROM article ORDER BY slug')->fetchAll();
    }

    /** @return array{slug: string, title: string, cover: string, body: string}|null */
    public function find(string $slug): ?array
    {
        $select = $this->database->prepare('SELECT * FROM article WHERE slug = ?');
        $select->execute([$slug]);
        return $select->fetch() ?: null;
    }

    /** As it came from the form: what a visitor's browser was shown there would be stored. */
    public function save(string $slug, string $title, string $cover, string $body): void
    {
        $update = $this->database->prepare('UPDATE article SET title = ?, cover = ?, body = ? WHERE slug = ?');
        $update->execute([$title, preg_replace('~/card$~D', '', $cover), $body, $slug]);
    }
}
