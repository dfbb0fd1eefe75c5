//! Files on their way in and out, piece by piece.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures::{Stream, StreamExt as _, stream};
use porter_kernel::files::FilesError;
use porter_kernel::http::{Path, Problem};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::handing_in::{CLOSED, refused, work};
use crate::domain::assignment::file::{Check, FileType, Unwanted, clean_name};
use crate::domain::assignment::{Assignment, SubmissionFile};
use crate::domain::{Account, AssignmentId, Role, SubmissionId};
use crate::http::Academy;
use crate::http::page::PageProblem;
use crate::http::session::Learner;
use crate::store::{AcademyError, Drafted};

/// What a file turned out to be, once all of it has passed.
#[derive(Debug, Default)]
struct Seen {
    bytes: u64,
    sha256: String,
}

struct Passing<S> {
    inner: S,
    check: Check,
    digest: Sha256,
    seen: Arc<Mutex<Seen>>,
    ended: bool,
}

/// Lets the pieces through while they are what is wanted. The end is looked at too: a file that ends too early is an error, not a file.
fn checked<S>(inner: S, check: Check, seen: Arc<Mutex<Seen>>) -> impl Stream<Item = Result<Bytes, FilesError>> + Send
where
    S: Stream<Item = Result<Bytes, MultipartError>> + Send + Unpin,
{
    let state = Passing { inner, check, digest: Sha256::new(), seen, ended: false };
    stream::unfold(state, |mut state| async move {
        if state.ended {
            return None;
        }
        let piece = match state.inner.next().await {
            Some(Ok(piece)) => state.check.piece(&piece).map(|()| piece).map_err(|why| FilesError::Sender(why.into())),
            Some(Err(error)) => Err(FilesError::Sender(error.into())),
            None => {
                return match state.check.end() {
                    Ok(bytes) => {
                        let mut sha256 = String::with_capacity(64);
                        for byte in state.digest.finalize() {
                            // Writing to a String cannot fail.
                            let _ = write!(sha256, "{byte:02x}");
                        }
                        *state.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { bytes, sha256 };
                        None
                    }
                    Err(why) => {
                        state.ended = true;
                        Some((Err(FilesError::Sender(why.into())), state))
                    }
                };
            }
        };
        match &piece {
            Ok(piece) => state.digest.update(piece),
            Err(_) => state.ended = true,
        }
        Some((piece, state))
    })
}

/// Stores one file, or says why not. After an error nothing of it is left.
async fn take(academy: &Academy, asked: &Assignment, field: Field<'_>) -> Result<SubmissionFile, Refusal> {
    let given = field.file_name().unwrap_or_default().to_owned();
    let name = clean_name(&given);
    let kind = FileType::of(&name).ok_or(Refusal::Said(Unwanted::NoType))?;
    if !asked.types.contains(&kind) {
        return Err(Refusal::Said(Unwanted::Type));
    }
    let (stored, seen) = (academy.parts.ids.uuid(), Arc::<Mutex<Seen>>::default());
    // First, so that a file whose row never comes does not stay for ever.
    academy.store().expect_file(stored, academy.parts.clock.now()).await.map_err(Refusal::Store)?;
    let check = Check::new(kind, u64::try_from(asked.max_bytes).unwrap_or_default());
    let content = Box::pin(checked(field, check, Arc::clone(&seen)));
    academy.parts.files.put(stored, content).await.map_err(Refusal::from)?;
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    let bytes = i64::try_from(seen.bytes).unwrap_or(i64::MAX);
    Ok(SubmissionFile { id: academy.parts.ids.uuid(), stored, name, kind, bytes, sha256: seen.sha256 })
}

enum Refusal {
    Said(Unwanted),
    /// The form broke off, or is larger than all files together may be.
    Form(Problem),
    Disk,
    Store(AcademyError),
}

impl From<FilesError> for Refusal {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Sender(why) => match why.downcast::<Unwanted>() {
                Ok(unwanted) => Self::Said(*unwanted),
                Err(why) => match why.downcast::<MultipartError>() {
                    Ok(error) => Self::Form(form_problem(&error)),
                    Err(_) => Self::Form(Problem::bad_request("The file did not arrive whole. Please send it again.")),
                },
            },
            FilesError::Unavailable(error) => {
                tracing::error!(%error, "a file could not be stored");
                Self::Disk
            }
        }
    }
}

fn form_problem(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("These files are too large together. Send them one by one."),
        _ => Problem::bad_request("The files did not arrive whole. Please send them again."),
    }
}

/// Takes the files of a form into the draft.
pub(super) async fn receive(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(id): Path<Uuid>,
    mut form: Multipart,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    let found = work(&academy, id, account.id).await?;
    let mut any = false;
    while let Some(field) = form.next_field().await.map_err(|error| form_problem(&error))? {
        if field.name() != Some("file") || field.file_name().is_none_or(str::is_empty) {
            continue;
        }
        any = true;
        let draft = SubmissionId(academy.parts.ids.uuid());
        // Before the bytes: nobody sends 20 MB to hear that there is no room.
        match academy.store().begin_version(AssignmentId(id), account.id, draft, academy.parts.clock.now()).await? {
            Drafted::Done(_) => {}
            _ => return refused(&academy, &account, id, StatusCode::CONFLICT, CLOSED.to_owned()).await,
        }
        let taken = match take(&academy, &found.placed.assignment, field).await {
            Ok(taken) => taken,
            Err(Refusal::Form(problem)) => return Err(problem.into()),
            Err(Refusal::Store(error)) => return Err(error.into()),
            Err(Refusal::Disk) => {
                return Err(Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Files cannot be stored now. Please try again in a few minutes.",
                )
                .into());
            }
            Err(Refusal::Said(why)) => {
                let status =
                    if why == Unwanted::TooLarge { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
                let error = match why {
                    Unwanted::TooLarge => {
                        format!("The file is too large: {} MB at most.", found.placed.assignment.max_bytes / 1_000_000)
                    }
                    why => why.to_string(),
                };
                return refused(&academy, &account, id, status, error).await;
            }
        };
        let added = academy.store().add_file(AssignmentId(id), account.id, draft, &taken, academy.parts.clock.now()).await;
        if !matches!(added, Ok(Drafted::Done(_))) {
            discard(&academy, taken.stored).await;
        }
        let error = match added? {
            Drafted::Done(_) => continue,
            Drafted::Closed => CLOSED.to_owned(),
            Drafted::TooManyFiles => {
                format!("There are {} files already: remove one first.", found.placed.assignment.max_files)
            }
        };
        return refused(&academy, &account, id, StatusCode::CONFLICT, error).await;
    }
    if !any {
        return refused(&academy, &account, id, StatusCode::UNPROCESSABLE_ENTITY, "Choose a file first.".to_owned()).await;
    }
    Ok(Redirect::to(&format!("/assignments/{id}#work")).into_response())
}

/// A file that nothing names any more is only in the way: failing to remove it fails nobody.
async fn discard(academy: &Academy, stored: Uuid) {
    if let Err(error) = academy.parts.files.delete(stored).await {
        tracing::warn!(%error, %stored, "a file that nobody needs could not be removed");
    }
}

pub(super) async fn remove(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path((id, file)): Path<(Uuid, Uuid)>,
) -> Result<Response, PageProblem> {
    if let Some(stored) = academy.store().remove_file(AssignmentId(id), account.id, file).await? {
        discard(&academy, stored).await;
    }
    Ok(Redirect::to(&format!("/assignments/{id}#work")).into_response())
}

/// Whether this account may read the file: whose it is, and who teaches the course.
async fn may_read(
    academy: &Academy,
    account: &Account,
    owner: crate::domain::AccountId,
    course: crate::domain::CourseId,
) -> Result<bool, PageProblem> {
    Ok(account.id == owner
        || account.role == Role::Administrator
        || (account.role == Role::Instructor && academy.store().teaches(account.id, course).await?))
}

/// Always as a file to save: no browser shows a stranger's file as a page of ours.
pub(super) async fn download(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path((_, file)): Path<(Uuid, Uuid)>,
) -> Result<Response, PageProblem> {
    let none = || PageProblem::from(Problem::not_found("There is no such file, or it is not yours."));
    let (file, owner, course, _) = academy.store().submitted_file(file).await?.ok_or_else(none)?;
    if !may_read(&academy, &account, owner, course).await? {
        return Err(none());
    }
    let content = academy.parts.files.get(file.stored).await.map_err(|error| {
        tracing::error!(%error, "a file could not be read");
        Problem::internal()
    })?;
    let content = content.ok_or_else(none)?;
    let plain: String =
        file.name.chars().map(|one| if one.is_ascii_alphanumeric() || ".-_ ".contains(one) { one } else { '_' }).collect();
    let encoded: String = file.name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.kind.media_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_LENGTH, HeaderValue::from(file.bytes)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((headers, Body::from_stream(content)).into_response())
}
