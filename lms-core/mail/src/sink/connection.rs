//! One client's connection.

use std::io;
use std::time::Duration;

use porter_kernel::shutdown::Shutdown;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::House;
use super::data::{Content, Data};
use super::refusals::{Refusal, Stage};
use super::reply::Reply;
use super::session::{Envelope, Session, Step};

/// RFC 5321 asks for five minutes of patience between commands.
const PATIENCE: Duration = Duration::from_secs(300);
/// A command with all its parameters is far shorter.
const LINE_BYTES: usize = 4_096;

/// Talks with a client until one of them ends it.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(stream: S, house: &House, shutdown: &Shutdown) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut session = Session::new(super::MAIL_BYTES);
    say(&mut stream, &Reply::new(220, "porter-mailbox ESMTP")).await?;
    loop {
        let line = tokio::select! {
            line = tokio::time::timeout(PATIENCE, read_line(&mut stream)) => line,
            () = shutdown.triggered() => return say(&mut stream, &Reply::new(421, "4.3.2 Closing")).await,
        };
        let step = match line {
            Ok(Line::Text(line)) => session.line(&line, &house.refusals),
            Ok(Line::TooLong) => session.fault(Reply::new(500, "5.5.6 The line is too long")),
            Ok(Line::End) => return Ok(()),
            Ok(Line::Broken(error)) => return Err(error),
            Err(_) => Step::End(Reply::new(421, "4.4.2 Closing after a long silence")),
        };
        match step {
            Step::Answer(reply) => say(&mut stream, &reply).await?,
            Step::End(reply) => return say(&mut stream, &reply).await,
            Step::HangUp => return Ok(()),
            Step::Read(reply, envelope) => {
                say(&mut stream, &reply).await?;
                let Some(reply) = receive(&mut stream, envelope, house).await? else { return Ok(()) };
                say(&mut stream, &reply).await?;
            }
        }
    }
}

/// Reads the mail and keeps it. `None` when the client is gone or shall get no answer.
async fn receive<S: AsyncBufRead + Unpin>(stream: &mut S, envelope: Envelope, house: &House) -> io::Result<Option<Reply>> {
    let mut data = Data::new(super::MAIL_BYTES);
    loop {
        let Ok(chunk) = tokio::time::timeout(PATIENCE, stream.fill_buf()).await else { return Ok(None) };
        let chunk = chunk?;
        if chunk.is_empty() {
            return Ok(None);
        }
        let length = chunk.len();
        let end = data.feed(chunk);
        stream.consume(end.unwrap_or(length));
        if end.is_some() {
            break;
        }
    }
    let bytes = match data.finish() {
        Content::Mail(bytes) => bytes,
        Content::TooLarge => return Ok(Some(Reply::new(552, "5.3.4 The mail is too large"))),
        Content::BareLineBreak => return Ok(Some(Reply::new(554, "5.6.0 Lines end with CR LF"))),
    };
    match house.refusals.take(Stage::Content) {
        Some(Refusal::HangUp) => {
            house.keep(envelope, bytes).await;
            Ok(None)
        }
        Some(refusal) => Ok(refusal.reply()),
        None => Ok(Some(house.keep(envelope, bytes).await)),
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, reply: &Reply) -> io::Result<()> {
    stream.write_all(reply.wire().as_bytes()).await?;
    stream.flush().await
}

enum Line {
    /// Without its end.
    Text(Vec<u8>),
    TooLong,
    End,
    Broken(io::Error),
}

/// Reads up to a line feed and keeps no more than [`LINE_BYTES`] of it.
async fn read_line<S: AsyncBufRead + Unpin>(stream: &mut S) -> Line {
    let (mut line, mut too_long) = (Vec::new(), false);
    loop {
        let chunk = match stream.fill_buf().await {
            Ok([]) => return Line::End,
            Ok(chunk) => chunk,
            Err(error) => return Line::Broken(error),
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(chunk.len(), |at| at + 1);
        let text = chunk.get(..end.unwrap_or(taken)).unwrap_or_default();
        too_long |= line.len() + text.len() > LINE_BYTES;
        if !too_long {
            line.extend_from_slice(text);
        }
        stream.consume(taken);
        if end.is_some() {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return if too_long { Line::TooLong } else { Line::Text(line) };
        }
    }
}
