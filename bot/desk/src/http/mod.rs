//! HTTP: the widget's API, the inbox's API, the pages, and the API description made from the handlers themselves.

mod assets;
mod cards;
mod conversations;
mod evals;
mod events;
mod identity;
mod inbound_mail;
mod inbox;
mod knowledge;
pub use evals::{EvalPage, EvalReports};
pub use knowledge::{IngestEvent, Upload};
mod pages;
mod session;
mod tickets;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use porter_actions::Actions;
use porter_kernel::clock::Clock;
use porter_kernel::http::{OwnLimits, PerMinute, SIGNATURE_HEADER, Secrets, SecurityHeaders, secure, with_own_limits};
use porter_kernel::ids::{Ids, TokenHash};
use porter_kernel::shutdown::Shutdown;
use porter_knowledge_base::KnowledgeBase;
use porter_mail::inbound::MAX_BYTES;
use tokio::sync::Semaphore;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::ConversationId;
use crate::live::Live;
use crate::respond::Understand;
use crate::store::DeskStore;

/// The largest body of a student or an agent, in bytes.
const BODY_LIMIT: usize = 200_000;
/// The largest body of an ingest, in bytes.
const INGEST_LIMIT: usize = 64 << 20;

/// A mail of the largest size over a slow line.
const MAIL_LIMITS: OwnLimits = OwnLimits { max_body: MAX_BYTES, timeout: Duration::from_secs(60) };
/// Mails read at the same time: each may be large.
const MAILS_AT_ONCE: usize = 4;

/// What the pages and the API are told about the academy.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    pub academy_name: String,
    pub support_hours: String,
    /// Where learners sign in; shown on the demo page.
    pub academy_url: Option<String>,
    /// Which sites may show the widget, as in the `frame-ancestors` directive: `'self'`, or origins with spaces between.
    pub widget_sites: String,
    /// Set when the desk is reached over HTTPS.
    pub secure_cookies: bool,
    /// Ours, from which answers by mail go out. What comes from it is never answered.
    pub mail_address: String,
}

/// What opens the doors for mail and for other systems.
#[derive(Debug, Clone)]
pub struct Doors {
    /// Sign what a mail server delivers.
    pub inbound_mail: Secrets,
    /// Opens the tickets to other systems.
    pub api_key: TokenHash,
}

/// What the handlers work with.
#[derive(Debug)]
pub struct Desk {
    pub(crate) settings: DeskSettings,
    pub(crate) store: Arc<dyn DeskStore>,
    pub(crate) understand: Arc<dyn Understand>,
    pub(crate) knowledge: Arc<KnowledgeBase>,
    pub(crate) actions: Arc<Actions>,
    pub(crate) live: Arc<Live>,
    /// Renders what evaluations have found.
    pub(crate) evals: Option<Arc<dyn EvalReports>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// Opens the operator's API to commands on this machine.
    pub(crate) operator: TokenHash,
    pub(crate) doors: Doors,
    pub(crate) shutdown: Shutdown,
    pub(crate) new_conversations: PerMinute<String>,
    pub(crate) messages: PerMinute<ConversationId>,
    pub(crate) cards: PerMinute<ConversationId>,
    /// How often the LMS may be asked who is behind a conversation.
    pub(crate) identities: PerMinute<ConversationId>,
    pub(crate) sign_ins: PerMinute<String>,
    /// Letters of all together, by mail and over the API.
    pub(crate) letters: PerMinute<()>,
    pub(crate) mails_at_once: Semaphore,
}

/// The parts that the desk is put together from.
#[derive(Debug)]
pub struct DeskParts {
    pub settings: DeskSettings,
    pub store: Arc<dyn DeskStore>,
    pub understand: Arc<dyn Understand>,
    pub knowledge: Arc<KnowledgeBase>,
    pub actions: Arc<Actions>,
    pub live: Arc<Live>,
    /// Renders what evaluations have found; without it the pages of the evals have no reports.
    pub evals: Option<Arc<dyn EvalReports>>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub operator: TokenHash,
    pub doors: Doors,
    pub shutdown: Shutdown,
}

impl Desk {
    /// Puts the desk together.
    pub fn new(parts: DeskParts) -> Arc<Self> {
        Arc::new(Self {
            settings: parts.settings,
            store: parts.store,
            understand: parts.understand,
            knowledge: parts.knowledge,
            actions: parts.actions,
            live: parts.live,
            evals: parts.evals,
            clock: parts.clock,
            ids: parts.ids,
            operator: parts.operator,
            doors: parts.doors,
            shutdown: parts.shutdown,
            new_conversations: PerMinute::new(60),
            messages: PerMinute::new(30),
            cards: PerMinute::new(10),
            identities: PerMinute::new(120),
            sign_ins: PerMinute::new(10),
            letters: PerMinute::new(600),
            mails_at_once: Semaphore::new(MAILS_AT_ONCE),
        })
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Porter", description = "The front desk of an online academy: chat, mail, hand-off, inbox and knowledge base."),
    tags(
        (name = "chat", description = "The student's widget. The token of a conversation opens it; once it is somebody's own, only with their `Porter-Identity`."),
        (name = "inbox", description = "Agents, signed in by cookie. Writes need the header `X-Requested-With: porter`."),
        (name = "letters", description = "What comes in by mail and from other systems. A mail is signed (`Porter-Signature`); a system sends its key."),
        (name = "knowledge", description = "Articles. Writes are for the operator's commands on the same machine."),
    ),
    modifiers(&Schemes)
)]
struct Description;

/// How the kinds of callers prove who they are.
struct Schemes;

impl utoipa::Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = || SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("conversation", bearer());
        components.add_security_scheme("operator", bearer());
        components.add_security_scheme("system", bearer());
        components.add_security_scheme("signed", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(SIGNATURE_HEADER))));
        components.add_security_scheme("staff", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(session::COOKIE_NAME))));
    }
}

/// The desk's routes and their description.
pub fn router(desk: &Arc<Desk>) -> (Router, utoipa::openapi::OpenApi) {
    let (api, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(conversations::create))
        .routes(routes!(conversations::show))
        .routes(routes!(conversations::send))
        .routes(routes!(conversations::hand_off))
        .routes(routes!(identity::identify))
        .routes(routes!(cards::answer))
        .routes(routes!(events::conversation))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::show))
        .routes(routes!(inbox::claim))
        .routes(routes!(inbox::release))
        .routes(routes!(inbox::resolve))
        .routes(routes!(inbox::reply))
        .routes(routes!(events::inbox))
        .routes(routes!(tickets::file))
        .routes(routes!(tickets::show))
        .routes(routes!(knowledge::search))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .merge(OpenApiRouter::new().routes(routes!(knowledge::ingest)).layer(DefaultBodyLimit::max(INGEST_LIMIT)))
        .split_for_parts();
    let (mail, described) = OpenApiRouter::new().routes(routes!(inbound_mail::take)).split_for_parts();
    let description = description.merge_from(described);
    let api = api.merge(with_own_limits(mail, MAIL_LIMITS));
    let own = SecurityHeaders::default();
    let framed = SecurityHeaders { frame_ancestors: desk.settings.widget_sites.clone() };
    let router = secure(api.merge(pages::router()).merge(evals::router()).merge(assets::router()), &own)
        .merge(secure(pages::widget_router(), &framed));
    (router.with_state(Arc::clone(desk)), description)
}

#[cfg(test)]
mod tests;
