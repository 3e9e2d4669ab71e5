<?php
/** Installs the WordPress in the folder of this run, with an editor and the magazine's articles as posts. */
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('PUBLIC_ADDRESS'), PHP_URL_HOST) . ':' . parse_url(getenv('PUBLIC_ADDRESS'), PHP_URL_PORT);
require getenv('WORDPRESS') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install('The magazine', 'editor', 'editor@magazine.example', false, '', getenv('PASSWORD'));
$images = getenv('IMAGES');
kses_remove_filters();
foreach (json_decode(file_get_contents(__DIR__ . '/../articles.json'), true) as $article) {
    $body = str_replace('{images}', $images, $article['body']);
    $id = wp_insert_post([
        'post_name' => $article['slug'],
        'post_title' => $article['title'],
        'post_status' => 'publish',
        'post_content' => wp_slash("<!-- wp:html -->\n$body<!-- /wp:html -->"),
    ], true);
    echo $article['slug'], '=', is_wp_error($id) ? $id->get_error_message() : $id, "\n";
}
