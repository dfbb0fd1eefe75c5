//! Styles and the mark, part of the binary.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use porter_kernel::http::Problem;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::Academy;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new().route("/assets/{*file}", get(async |Path(file): Path<String>, headers: HeaderMap| serve(&file, &headers)))
}

/// The file, or 304 when the browser has it. Names do not change with contents, so a browser asks each time.
fn serve(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Assets::get(name) else { return Problem::not_found("There is no such file.").into_response() };
    let tag = tag(&file);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut response = file.data.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    format!("\"{}\"", hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_has_a_media_type_that_browsers_accept() {
        assert!(Assets::iter().count() >= 4);
        assert!(Assets::iter().all(|name| media_type(&name) != "application/octet-stream"));
    }

    #[test]
    fn a_known_tag_is_answered_without_the_file() {
        let first = serve("base.css", &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let mut headers = HeaderMap::new();
        headers.extend(first.headers().get(header::ETAG).map(|tag| (header::IF_NONE_MATCH, tag.clone())));
        assert_eq!(serve("base.css", &headers).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(serve("../Cargo.toml", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }
}
