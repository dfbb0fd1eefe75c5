//! The desk: chat, inbox, the bot's workers. It reaches the academy over HTTP only.

use std::net::SocketAddr;
use std::sync::Arc;

use porter_actions::{Actions, HttpLms};
use porter_desk::http::{Desk, DeskParts, DeskSettings, Doors, router};
use porter_desk::letters::{ReplyParts, reply_handler};
use porter_desk::store::DeskStore;
use porter_desk::{Live, Turns, store};
use porter_kernel::clock::{Clock, SystemClock};
use porter_kernel::http::Secrets;
use porter_kernel::ids::{Ids, RandomIds, Token};
use porter_kernel::jobs::{self, Worker};
use porter_knowledge_base::{BUILTIN_SOURCE, PERIOD, Watch};
use tokio::net::TcpListener;

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::data_dir::{DataDir, Running};
use crate::demo::{self, Account};
use crate::error::PorterError;
use crate::keys::Keys;
use crate::process::Process;
use crate::reports::Reports;
use crate::reword;
use crate::roles::articles::Articles;
use crate::roles::worker;
use crate::triage_model;

/// Where the academy is.
#[derive(Debug, Clone)]
pub(crate) struct Academy {
    /// Its support API.
    pub(crate) url: String,
    /// Its pages, for people; they may show the widget.
    pub(crate) public_url: String,
}

/// Prepares the desk and serves it; `None` when a signal came first. Gives the demo accounts of the inbox.
pub(crate) async fn start(
    process: &mut Process,
    config: &Config,
    folder: &DataDir,
    listener: TcpListener,
    academy: &Academy,
    mailbox: SocketAddr,
    keys: &Keys,
) -> Result<Option<Vec<Account>>, PorterError> {
    let address = listener.local_addr()?;
    let stopped = process.stopped().clone();
    let prepared = process.prepare(async {
        let bars = Bars::default();
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) = (Arc::new(SystemClock), Arc::new(RandomIds));
        let database = config.database.open(&config.database()).await?;
        store::migrate(&database).await?;
        porter_actions::store::migrate(&database).await?;
        let desk_store: Arc<dyn DeskStore> = store::open(&database);
        let encoder = assemble::encoder(config, &bars).await?;
        let knowledge = assemble::knowledge(config, &database, &config.data_dir.join("index"), encoder, &bars).await?;
        let reword = reword::reword(config, knowledge.encoder(), &bars).await?;
        let responder = assemble::responder(config, knowledge, &bars).await?;
        let lms = HttpLms::new(&academy.url, keys.service_token.reveal())?;
        let articles = Arc::new(Articles::new(config.clone(), lms.clone()));
        let actions = Arc::new(Actions::new(Arc::new(lms), porter_actions::store::open(&database), Arc::clone(&clock)));
        let accounts = if config.demo.accounts && address.ip().is_loopback() {
            demo::accounts(&config.data_dir, desk_store.as_ref(), clock.as_ref(), ids.as_ref()).await?
        } else {
            Vec::new()
        };
        let (live, token) = (Arc::new(Live::default()), ids.token());
        let turns = Turns {
            store: Arc::clone(&desk_store),
            understand: Arc::new(responder.clone()),
            reword,
            actions: Arc::clone(&actions),
            live: Arc::clone(&live),
            academy_url: Some(academy.public_url.clone()),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
        };
        let operator = token.hash();
        let mut settings = settings(config, academy)?;
        let support = fact(config, "academy.support_email")?;
        let (mailer, mail_address) = worker::mailer(config, mailbox, &settings.academy_name, &support)?;
        settings.mail_address.clone_from(&mail_address);
        let replies = reply_handler(ReplyParts {
            store: Arc::clone(&desk_store),
            mailer: Arc::new(mailer),
            clock: Arc::clone(&clock),
            academy_name: settings.academy_name.clone(),
            support_hours: settings.support_hours.clone(),
            public_url: public_url(config, address),
            address: mail_address,
        });
        let replies = Worker::new(jobs::open(&database), Arc::clone(&clock), Arc::clone(&ids), vec![replies]);
        let watch = Watch::new(Arc::clone(responder.knowledge()), BUILTIN_SOURCE, articles);
        let follow = triage_model::follow(config.clone(), responder.clone(), stopped.clone());
        let desk = Desk::new(DeskParts {
            settings,
            store: desk_store,
            knowledge: Arc::clone(responder.knowledge()),
            understand: Arc::new(responder),
            actions,
            live,
            evals: Some(Arc::new(Reports)),
            clock,
            ids,
            operator,
            doors: doors(keys)?,
            shutdown: stopped,
        });
        Ok((database, desk, turns, watch, follow, replies, accounts, token))
    });
    let Some((database, desk, turns, watch, follow, replies, accounts, token)) = prepared.await? else { return Ok(None) };
    folder.announce(&Running { pid: std::process::id(), address, token: token.reveal().to_owned() })?;
    process.holds(&database);
    let (routes, description) = router(&desk);
    process.serve(listener, routes, &description, &database, config.capacity())?;
    let stopped = process.stopped().clone();
    process.work(async move {
        follow.await;
        Ok(())
    });
    let until = stopped.clone();
    process.work(async move {
        watch.run(PERIOD, until).await;
        Ok(())
    });
    process.work(async move {
        turns.run(stopped).await;
        Ok(())
    });
    let stopped = process.stopped().clone();
    process.work(async move {
        replies.run(stopped).await;
        Ok(())
    });
    Ok(Some(accounts))
}

fn doors(keys: &Keys) -> Result<Doors, PorterError> {
    let inbound_mail = Secrets::parse(keys.doors.inbound_secret.reveal()).ok_or_else(|| {
        PorterError::Usage("mail.inbound_secret must have 16 characters at least, several with commas between".to_owned())
    })?;
    Ok(Doors { inbound_mail, api_key: Token::hash_text(keys.doors.api_key.reveal()) })
}

fn fact(config: &Config, key: &str) -> Result<String, PorterError> {
    let (facts, _) = assemble::academy(config)?;
    Ok(facts.get(key).unwrap_or_default().to_owned())
}

/// How people reach the desk.
pub(crate) fn public_url(config: &Config, address: SocketAddr) -> String {
    config.public_url.clone().unwrap_or_else(|| format!("http://{address}")).trim_end_matches('/').to_owned()
}

fn settings(config: &Config, academy: &Academy) -> Result<DeskSettings, PorterError> {
    let (facts, _) = assemble::academy(config)?;
    let fact = |key: &str| facts.get(key).unwrap_or_default().to_owned();
    Ok(DeskSettings {
        academy_name: config.academy.name.clone().unwrap_or_else(|| fact("academy.name")),
        support_hours: config.academy.support_hours.clone().unwrap_or_else(|| fact("support.hours")),
        academy_url: Some(academy.public_url.clone()),
        widget_sites: format!("{} {}", config.widget.sites, academy.public_url),
        secure_cookies: config.widget.secure_cookies,
        mail_address: String::new(),
    })
}
