//! `porter eval dialogues`: every dialogue in a world of its own, as often as asked for.

mod faults;
mod ids;
mod template;
#[cfg(test)]
mod tests;
mod visitor;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use porter_actions::{Outcome, RunState};
use porter_embeddings::Progress;
use porter_evals::{
    Chance, Dialogue, EndState, EndTicket, Faults, OWN_DIALOGUES, Played, Repeated, Run, grade_dialogues, judge, parse_dialogues,
};
use porter_kernel::ids::Token;
use porter_knowledge_base::document::Facts;
use reqwest::Client;
use serde_json::Value;

use self::faults::Fault;
use self::template::Template;
use self::visitor::Visitor;
use self::world::World;
use crate::assemble;
use crate::bars::Bars;
use crate::commands::triage;
use crate::config::Config;
use crate::error::PorterError;

/// Worlds at a time: while one waits for the disk, another computes.
const AT_ONCE: usize = 4;
/// Of a hundred repetitions that may have a fault, how many have one.
const FAULTY: usize = 60;

pub(super) async fn run(config: &Config, input: Option<&Path>, repetitions: u32, seed: u64) -> Result<Run, PorterError> {
    let text = match input {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?,
        None => OWN_DIALOGUES.to_owned(),
    };
    let data = input.map_or_else(|| "built in".to_owned(), |path| path.display().to_string());
    let parsed = parse_dialogues(&text).map_err(|error| PorterError::Usage(format!("{data}: {error}")))?;
    let (facts, _) = assemble::academy(config)?;
    let dialogues: Vec<Dialogue> = parsed.into_iter().map(|dialogue| filled_in(dialogue, &facts)).collect::<Result<_, _>>()?;
    let responder = triage::responder(config).await?;
    let knowledge = Arc::clone(responder.knowledge());
    let encoder = knowledge.encoder().fingerprint().to_owned();
    let template = Template::build(config, Arc::new(responder), knowledge).await?;
    let all = play_all(&template, &dialogues, repetitions, seed, &Bars::default()).await?;
    let about = BTreeMap::from([
        ("data".to_owned(), data),
        ("data_sha256".to_owned(), Token::hash_text(&text).as_str().to_owned()),
        ("encoder".to_owned(), encoder),
        ("seed".to_owned(), seed.to_string()),
    ]);
    Ok(grade_dialogues(&all, about))
}

/// Puts the academy's facts in the place of `{{…}}`.
fn filled_in(mut dialogue: Dialogue, facts: &Facts) -> Result<Dialogue, PorterError> {
    let unknown = |id: &str, cause: &dyn std::fmt::Display| PorterError::Usage(format!("dialogue {id}: {cause}"));
    let expect = &mut dialogue.expect;
    for words in expect.replies_hold.iter_mut().flatten().chain(&mut expect.replies_lack) {
        *words = facts.apply(words).map_err(|error| unknown(&dialogue.id, &error))?;
    }
    Ok(dialogue)
}

async fn play_all<'a>(
    template: &Template,
    dialogues: &'a [Dialogue],
    repetitions: u32,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<Repeated<'a>>, PorterError> {
    // One TLS provider for the process; where there is one already, it stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .map_err(|error| PorterError::Remote(error.to_string()))?;
    progress.start("Holding the dialogues", Some(dialogues.len() as u64 * u64::from(repetitions)));
    let each = dialogues.iter().flat_map(|dialogue| (0..repetitions).map(move |repetition| (dialogue, repetition)));
    let played: Vec<Played> = stream::iter(each)
        .map(|(dialogue, repetition)| play(template, &client, dialogue, repetition, seed))
        .buffered(AT_ONCE)
        .inspect_ok(|_| progress.advance(1))
        .try_collect()
        .await?;
    progress.finish();
    let mut played = played.into_iter();
    let count = usize::try_from(repetitions).unwrap_or_default();
    Ok(dialogues.iter().map(|dialogue| Repeated { dialogue, played: played.by_ref().take(count).collect() }).collect())
}

/// One repetition: its own academy, clock, ids, wordings, typos and fault.
async fn play(
    template: &Template,
    client: &Client,
    dialogue: &Dialogue,
    repetition: u32,
    seed: u64,
) -> Result<Played, PorterError> {
    let mut chance = Chance::new(seed, &dialogue.id, repetition);
    let world = World::open(template, &mut chance).await?;
    let faulty = dialogue.faults == Faults::Any && chance.percent(FAULTY);
    let fault = if faulty { chance.pick(&Fault::ALL).copied() } else { None };
    let mut visitor = Visitor::arrive(&world, client, chance, dialogue).await?;
    visitor.visit(&dialogue.turns, fault).await?;
    let end = end_state(template, &world, &mut visitor).await?;
    let struck = world.trap.struck();
    let verdict = judge(&dialogue.expect, &end, struck.is_some());
    let played = Played {
        repetition,
        fault: struck.map(|fault| fault.words().to_owned()),
        verdict,
        conversation: Value::Array(std::mem::take(&mut visitor.log)),
        milliseconds: std::mem::take(&mut visitor.milliseconds),
        end,
    };
    drop(visitor);
    world.close().await;
    Ok(played)
}

/// Looks at everything that is true now.
async fn end_state(template: &Template, world: &World, visitor: &mut Visitor<'_>) -> Result<EndState, PorterError> {
    let conversation = visitor.conversation();
    let ticket = match world.desk.open_ticket(conversation.into()).await? {
        Some(ticket) => world.desk.ticket(ticket).await?,
        None => None,
    };
    let receipts = world.actions.receipts(conversation).await.map_err(std::io::Error::other)?;
    // A question back is no act, and the same act asked for twice under one key is one row.
    let done = receipts.iter().filter(|run| {
        run.state == RunState::Done && run.outcome.as_ref().is_some_and(|outcome| !matches!(outcome, Outcome::Choose { .. }))
    });
    let runs: BTreeSet<String> = done.map(|run| run.action.as_str().to_owned()).collect();
    let (mut replies, mut links) = (Vec::new(), BTreeSet::new());
    // The greeting answers nothing.
    for message in visitor.messages().await?.into_iter().skip(1) {
        if message.get("author").and_then(Value::as_str) == Some("student") {
            continue;
        }
        let card = message.get("card").filter(|card| !card.is_null()).map(Value::to_string).unwrap_or_default();
        replies.push(format!("{} {card}", message.get("text").and_then(Value::as_str).unwrap_or_default()));
        let citations = message.get("citations").and_then(Value::as_array).into_iter().flatten();
        links.extend(citations.filter_map(|own| slug(own.get("url")?.as_str()?)));
    }
    Ok(EndState {
        holder: visitor.holder().await?,
        ticket: ticket.map(|ticket| EndTicket { intent: ticket.row.intent, urgency: ticket.row.urgency }),
        mails: world.mails().await?,
        runs: runs.into_iter().collect(),
        touched: world.touched(template).await?,
        replies,
        links: links.into_iter().collect(),
        stuck: visitor.stuck.clone(),
    })
}

/// The article of a link to the help centre.
fn slug(url: &str) -> Option<String> {
    let path = url.split_once("/help/")?.1;
    Some(path.split(['#', '?', '/']).next()?.to_owned())
}
