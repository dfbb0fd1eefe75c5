//! Mail comes in: whole, as a mail server got it, with a signature over it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use metrics::counter;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Json, Problem, SIGNATURE_HEADER, SignatureError};
use serde::Serialize;
use utoipa::ToSchema;

use super::Desk;
use super::conversations::wake_inbox;
use crate::domain::{ConversationId, NewLetter, Received};
use crate::letters::{Incoming, incoming};
use crate::live::ConversationEvent;

/// So many mails of one address are taken in an hour; the mail server keeps the rest and tries again.
const AN_HOUR_FROM_ONE: i64 = 30;
const HOUR: Duration = Duration::from_secs(3_600);
/// How soon it may.
const RETRY_AFTER: Duration = Duration::from_secs(600);

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It is a message of a conversation now.
    Received,
    /// It had come before; nothing changed.
    Known,
    /// It tells what became of one of our mails, and that was noted.
    CameBack,
    /// No person wrote it, or nobody waits for an answer: it was put aside.
    Automatic,
}

/// A mail that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    /// Where it is; null when it belongs to none.
    conversation: Option<ConversationId>,
    outcome: Outcome,
}

impl Taken {
    fn new(conversation: Option<ConversationId>, outcome: Outcome) -> (StatusCode, Json<Self>) {
        let word = match outcome {
            Outcome::Received => "received",
            Outcome::Known => "known",
            Outcome::CameBack => "came_back",
            Outcome::Automatic => "automatic",
        };
        counter!("porter_mails_in_total", "outcome" => word).increment(1);
        (StatusCode::ACCEPTED, Json(Self { conversation, outcome }))
    }
}

/// Takes a mail. The body is the whole message (RFC 5322), 25 MB at most. Sending it again changes nothing, so a mail server may retry whatever
/// was not answered with 202.
#[utoipa::path(post, path = "/api/v1/inbound-mail", tag = "letters", security(("signed" = [])),
    request_body(content = String, content_type = "message/rfc822", description = "The mail as it was received, headers first"),
    params(("Porter-Signature" = String, Header,
        description = "`t=SECONDS,v1=HEX`: the time, and HMAC-SHA256 of `SECONDS.BODY` with `mail.inbound_secret`; good for five minutes")),
    responses((status = 202, body = Taken), (status = 401, description = "The signature is missing, too old or wrong", body = Problem),
        (status = 413, description = "Larger than 25 MB", body = Problem), (status = 422, description = "No mail, or one without a sender", body = Problem),
        (status = 429, description = "Too many from one sender or from all: try again later", body = Problem)))]
pub(super) async fn take(State(desk): State<Arc<Desk>>, request: Request) -> Result<(StatusCode, Json<Taken>), Problem> {
    let _turn = desk.mails_at_once.acquire().await.map_err(|_| Problem::internal())?;
    let signature = request.headers().get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // Who does not even claim to have signed is not listened to for 25 MB.
    let signature = signature.ok_or_else(|| unsigned(SignatureError::Missing))?;
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("A mail may have 25 MB at most."),
        _ => Problem::bad_request("The mail ended before all of it had arrived. Send it again."),
    })?;
    let now = desk.clock.now();
    desk.doors.inbound_mail.verify(Some(&signature), &body, now).map_err(unsigned)?;
    let own_address = desk.settings.mail_address.clone();
    let read = tokio::task::spawn_blocking(move || incoming(&body, &own_address)).await.map_err(|error| {
        tracing::error!(%error, "a mail could not be read");
        Problem::internal()
    })?;
    match read.map_err(|error| Problem::unprocessable(sentence(&error.to_string())))? {
        Incoming::Automatic(kind) => {
            tracing::info!(kind = kind.as_str(), "a mail that nobody wrote was put aside");
            Ok(Taken::new(None, Outcome::Automatic))
        }
        Incoming::CameBack { mail, why } => {
            let known = desk.store.reply_failed(mail, why).await?;
            Ok(Taken::new(None, if known { Outcome::CameBack } else { Outcome::Automatic }))
        }
        Incoming::Letter(letter) => {
            let received = keep(&desk, &letter, now).await?;
            Ok(Taken::new(Some(received.conversation), if received.duplicate { Outcome::Known } else { Outcome::Received }))
        }
    }
}

/// Keeps a letter, and wakes whoever is to answer it.
pub(super) async fn keep(desk: &Desk, letter: &NewLetter, now: Timestamp) -> Result<Received, Problem> {
    desk.letters.take(&())?;
    if let Some(address) = &letter.address
        && desk.store.letters_since(address, now - HOUR).await? >= AN_HOUR_FROM_ONE
    {
        counter!("porter_letters_refused_total").increment(1);
        return Err(Problem::too_many_requests(
            "This address has written very often within the hour. Send it again later.",
            RETRY_AFTER,
        ));
    }
    let (id, token) = (ConversationId(desk.ids.uuid()), desk.ids.token());
    let received = desk.store.receive(letter, id, &token.hash(), now).await?;
    if !received.duplicate {
        desk.live.tell(received.conversation, ConversationEvent::Changed);
        desk.live.turn_waits();
        wake_inbox(desk, received.conversation).await?;
    }
    Ok(received)
}

fn unsigned(error: SignatureError) -> Problem {
    tracing::warn!(%error, "a mail was refused");
    let what_to_do = match error {
        SignatureError::Missing => "Send it in the header Porter-Signature as t=SECONDS,v1=HEX.",
        SignatureError::Stale => "Sign each mail as you send it, and check both clocks.",
        SignatureError::Wrong => "Sign the time, a dot and the whole body with mail.inbound_secret.",
    };
    Problem::unauthorized(format!("{} {what_to_do}", sentence(&error.to_string())))
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
