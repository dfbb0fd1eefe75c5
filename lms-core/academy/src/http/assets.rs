//! Styles and the mark, part of the binary.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::get;
use porter_kernel::http::asset;
use rust_embed::RustEmbed;

use super::Academy;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/assets/{*file}", get(async |Path(file): Path<String>, headers: HeaderMap| asset::<Assets>(&file, &headers)))
}

#[cfg(test)]
mod tests {
    use axum::http::{StatusCode, header};
    use porter_kernel::http::media_type;

    use super::*;

    #[test]
    fn every_asset_has_a_media_type_that_browsers_accept() {
        assert!(Assets::iter().count() >= 4);
        assert!(Assets::iter().all(|name| media_type(&name) != "application/octet-stream"));
    }

    #[test]
    fn a_known_tag_is_answered_without_the_file() {
        let first = asset::<Assets>("base.css", &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let mut headers = HeaderMap::new();
        headers.extend(first.headers().get(header::ETAG).map(|tag| (header::IF_NONE_MATCH, tag.clone())));
        assert_eq!(asset::<Assets>("base.css", &headers).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(asset::<Assets>("../Cargo.toml", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }
}
