<?php
/**
 * Plugin Name: Who is signed in, for image-signer
 * Description: Tells the proxy who a visitor is. Put this file into wp-content/mu-plugins.
 */

$image_signer_answer = static function (): void {
    // From the visitor's cookie, which the proxy forwards. Add whatever else `authorize` needs.
    wp_send_json(['isSignedIn' => is_user_logged_in(), 'roles' => array_values(wp_get_current_user()->roles)]);
};
add_action('wp_ajax_image_signer_viewer', $image_signer_answer);
add_action('wp_ajax_nopriv_image_signer_viewer', $image_signer_answer);
