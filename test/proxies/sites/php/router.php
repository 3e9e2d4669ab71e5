<?php
/**
 * A magazine as many have one: articles as HTML in a database, templates, and a form to edit them. It stores and sends
 * plain image URLs, and knows nothing of tokens. Started with `php -S 127.0.0.1:<port> router.php`; `DATABASE` is the
 * file, and `IMAGES` what the URLs of its pictures begin with.
 */
declare(strict_types=1);

require __DIR__ . '/articles.php';
require 'Twig/autoload.php';

$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$isPost = $_SERVER['REQUEST_METHOD'] === 'POST';
$articles = new Articles(getenv('DATABASE'), getenv('IMAGES'));
$twig = new Twig\Environment(new Twig\Loader\FilesystemLoader(__DIR__ . '/templates'), ['autoescape' => 'html']);
header_remove('X-Powered-By');

if ($path === '/') {
    sendPage($twig->render('list.twig', ['articles' => $articles->all()]));
} elseif ($path === '/feed.xml') {
    header('Content-Type: application/rss+xml; charset=utf-8');
    echo $twig->render('feed.twig', ['articles' => $articles->all()]);
} elseif ($path === '/articles.json') {
    header('Content-Type: application/json');
    echo json_encode($articles->all(), JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES);
} elseif ($path === '/archive') {
    streamArchive($twig, $articles);
} elseif ($path === '/style.css') {
    header('Content-Type: text/css; charset=utf-8');
    header('Cache-Control: max-age=60');
    readfile(__DIR__ . '/style.css');
} elseif ($path === '/upload' && $isPost) {
    header('Content-Type: text/plain; charset=utf-8');
    $hash = hash_init('sha256');
    echo hash_update_stream($hash, fopen('php://input', 'rb')), ' ', hash_final($hash), "\n";
} elseif (preg_match('~^/article/([\w-]+)(/edit)?$~D', $path, $found) && ($article = $articles->find($found[1]))) {
    if (!isset($found[2])) {
        sendPage($twig->render('article.twig', ['article' => $article]));
    } elseif ($isPost) {
        $articles->save($article['slug'], $_POST['title'] ?? '', $_POST['cover'] ?? '', $_POST['body'] ?? '');
        // An absolute URL, as WordPress writes it, by the host that was asked for.
        header("Location: http://{$_SERVER['HTTP_HOST']}/article/{$article['slug']}", true, 303);
    } else {
        header('Cache-Control: no-store');
        sendPage($twig->render('edit.twig', ['article' => $article]));
    }
} else {
    http_response_code(404);
    sendPage($twig->render('missing.twig', ['path' => $path]));
}

/** With a strong validator, and compressed for whoever accepts it. */
function sendPage(string $html): void
{
    header('Content-Type: text/html; charset=utf-8');
    header('Vary: Accept-Encoding');
    if (http_response_code() === 200 && !hasField('Cache-Control')) {
        header('Cache-Control: public, max-age=60');
        $tag = '"' . md5($html) . '"';
        header("ETag: $tag");
        if (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === $tag) {
            http_response_code(304);
            return;
        }
    }
    if (str_contains($_SERVER['HTTP_ACCEPT_ENCODING'] ?? '', 'gzip')) {
        header('Content-Encoding: gzip');
        $html = gzencode($html);
    }
    header('Content-Length: ' . strlen($html));
    echo $html;
}

function hasField(string $name): bool
{
    foreach (headers_list() as $field) {
        if (stripos($field, "$name:") === 0) {
            return true;
        }
    }
    return false;
}

/** A page that goes out in parts, each as soon as it is there. */
function streamArchive(Twig\Environment $twig, Articles $articles): void
{
    header('Content-Type: text/html; charset=utf-8');
    echo "<!doctype html><html lang=\"en\"><title>Archive</title><body>\n";
    for ($year = 2025; $year > 2005; $year--) {
        echo "<h2>$year</h2>\n";
        foreach ($articles->all() as $article) {
            echo $twig->render('teaser.twig', ['article' => $article]);
            flush();
        }
    }
    echo "</body></html>\n";
}
