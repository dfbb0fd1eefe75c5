//! Videos and captions of the demo academy, part of the binary. Browsers ask for parts of a video, so that one can go to any moment of it.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use porter_kernel::http::{Problem, media_type};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/media/"]
struct Media;

pub(super) async fn show(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(found) = Media::get(&file) else { return Problem::not_found("There is no such file.").into_response() };
    let bytes = found.data;
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let mut response = match range.map(|range| part(range, bytes.len())) {
        Some(Some((from, to))) => {
            let body = bytes.get(from..=to).unwrap_or_default().to_vec();
            let content_range = format!("bytes {from}-{to}/{}", bytes.len());
            let mut response = (StatusCode::PARTIAL_CONTENT, body).into_response();
            response.headers_mut().extend(HeaderValue::try_from(content_range).ok().map(|value| (header::CONTENT_RANGE, value)));
            response
        }
        // Not one range that lies in the file: all of it, which is always right.
        Some(None) | None => bytes.into_owned().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&file)));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

/// The first and the last byte of `bytes=1-5`, `bytes=5-` or `bytes=-5`; `None` for anything else.
fn part(range: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = length.checked_sub(1)?;
    let (from, to) = match (from.trim(), to.trim()) {
        ("", count) => (length.saturating_sub(count.parse().ok()?), last),
        (from, "") => (from.parse().ok()?, last),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.min(last)),
    };
    (from <= to && from <= last).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_within_the_file_is_a_part() {
        assert_eq!(part("bytes=0-", 10), Some((0, 9)));
        assert_eq!(part("bytes=2-4", 10), Some((2, 4)));
        assert_eq!(part("bytes=2-400", 10), Some((2, 9)));
        assert_eq!(part("bytes=-3", 10), Some((7, 9)));
        assert_eq!(part("bytes=-30", 10), Some((0, 9)));
        for bad in ["bytes=10-", "bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes=", "bytes=-0"] {
            assert_eq!(part(bad, 10), None, "{bad}");
        }
        assert_eq!(part("bytes=0-", 0), None);
    }
}
