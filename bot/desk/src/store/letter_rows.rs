//! Rows of correspondences, letters and their mails, as both engines give them.

use porter_kernel::{clock::Timestamp, db::storable};
use sqlx::types::Json;

use crate::domain::{Channel, LetterFile};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CorrespondenceRow {
    #[sqlx(try_from = "String")]
    pub(super) channel: Channel,
    pub(super) address: Option<String>,
    pub(super) name: String,
    pub(super) subject: String,
    pub(super) language: Option<String>,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct LetterRow {
    pub(super) seq: i64,
    pub(super) sender: Option<String>,
    pub(super) subject: String,
    pub(super) rest: String,
    pub(super) files: Json<Vec<LetterFile>>,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct ReplyRow {
    pub(super) seq: i64,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) failure: Option<String>,
}

/// Files that both engines store alike.
pub(super) fn storable_files(files: &[LetterFile]) -> Json<Vec<LetterFile>> {
    let clean = files.iter().map(|file| LetterFile {
        name: storable(&file.name).into_owned(),
        media_type: storable(&file.media_type).into_owned(),
        size: file.size,
    });
    Json(clean.collect())
}
