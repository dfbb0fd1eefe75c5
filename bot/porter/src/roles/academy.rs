//! The academy: learners' pages and the support API, on a database of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use porter_academy::credential::CredentialKey;
use porter_academy::http::{AcademyParts, Payments, problem_page, router};
use porter_academy::policy::Policy;
use porter_academy::store::{self, AcademyStore};
use porter_academy::tokens::SigningKey;
use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::db::Database;
use porter_kernel::files::Stored;
use porter_kernel::http::Capacity;
use porter_kernel::ids::{RandomIds, Token};
use porter_kernel::jobs;
use porter_knowledge_base::document::Facts;
use tokio::net::TcpListener;

use crate::assemble;
use crate::config::Config;
use crate::demo;
use crate::error::PorterError;
use crate::keys::Keys;
use crate::process::Process;

/// Opens the academy's database and brings its tables up to date.
pub(crate) async fn open(config: &Config) -> Result<Database, PorterError> {
    let database = config.lms.database.open(&config.lms_database()).await?;
    jobs::migrate(&database).await?;
    store::migrate(&database).await?;
    Ok(database)
}

/// Serves the academy. Gives what a person needs to try it out, when it is a demo.
pub(crate) async fn start(
    process: &mut Process,
    config: &Config,
    listener: TcpListener,
    database: &Database,
    desk_url: Option<String>,
    keys: &Keys,
    payments: Option<Payments>,
) -> Result<Option<demo::Learners>, PorterError> {
    let address = listener.local_addr()?;
    let academy: Arc<dyn AcademyStore> = store::open(database);
    let learners = if config.demo.accounts && address.ip().is_loopback() {
        demo::learners(&config.data_dir, academy.as_ref(), &SystemClock, &RandomIds).await?
    } else {
        None
    };
    let credential_key = credential_key(keys)?;
    academy.publish_key(credential_key.kid(), &credential_key.jwk(), SystemClock.now()).await?;
    let parts = AcademyParts {
        store: academy,
        jobs: jobs::open(database),
        policy: policy(config)?,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        files: Arc::new(Stored::in_folder(&config.files())?),
        key: signing_key(keys)?,
        credential_key,
        payments,
        service_token: Token::hash_text(keys.service_token.reveal()),
        desk_url,
        public_url: public_url(config, address),
        secure_cookies: config.widget.secure_cookies,
    };
    let (routes, description) = router(parts);
    let capacity = Capacity { page: Some(problem_page), ..config.capacity() };
    process.serve(listener, routes, &description, database, capacity)?;
    Ok(learners)
}

/// How learners reach the academy.
pub(crate) fn public_url(config: &Config, address: SocketAddr) -> String {
    config.lms.public_url.clone().unwrap_or_else(|| format!("http://{address}")).trim_end_matches('/').to_owned()
}

pub(crate) fn signing_key(keys: &Keys) -> Result<SigningKey, PorterError> {
    SigningKey::parse(keys.signing_key.reveal())
        .ok_or_else(|| PorterError::Usage("lms.signing_key must be 32 bytes in base64url without padding".to_owned()))
}

fn credential_key(keys: &Keys) -> Result<CredentialKey, PorterError> {
    CredentialKey::parse(keys.credential_key.reveal()).ok_or_else(|| {
        let wanted =
            "lms.credential_key must be an RSA key of 2,048 bits or more, as DER (PKCS#1 or PKCS#8) in base64url without padding";
        PorterError::Usage(wanted.to_owned())
    })
}

/// What the academy promises: the numbers that its help articles name.
pub(crate) fn policy(config: &Config) -> Result<Policy, PorterError> {
    let (facts, _) = assemble::academy(config)?;
    Ok(Policy {
        academy_name: config.academy.name.clone().unwrap_or_else(|| fact(&facts, "academy.name").unwrap_or_default().to_owned()),
        support_email: fact(&facts, "academy.support_email")?.to_owned(),
        verify_url: fact(&facts, "academy.verify_url")?.to_owned(),
        password_min_length: number(&facts, "password.min_length")?,
        reset_link_minutes: number(&facts, "password.link_minutes")?,
        session_days: number(&facts, "login.session_days")?,
        certificate_issue_hours: number(&facts, "certificate.issue_hours")?,
        refund_window_days: number(&facts, "refund.window_days")?,
        refund_progress_limit_percent: number(&facts, "refund.progress_limit_percent")?,
        refund_decision_days: number(&facts, "refund.decision_days")?,
        refund_payout_days: number(&facts, "refund.payout_days")?,
        hold_release_days: number(&facts, "payment.hold_release_days")?,
        access_minutes: number(&facts, "enrolment.access_minutes")?,
        watched_percent: number(&facts, "video.watched_percent")?,
        quiz_attempts: number(&facts, "quiz.attempts")?,
    })
}

fn fact<'f>(facts: &'f Facts, key: &str) -> Result<&'f str, PorterError> {
    facts.get(key).ok_or_else(|| PorterError::Usage(format!("facts.toml has no {key}, which the academy needs")))
}

fn number<N: std::str::FromStr>(facts: &Facts, key: &str) -> Result<N, PorterError> {
    let text = fact(facts, key)?;
    text.parse().map_err(|_| PorterError::Usage(format!("facts.toml: {key} must be a whole number, not {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_that_the_academy_tells_are_those_that_it_was_given() {
        let config = Config::default();
        let (facts, _) = assemble::academy(&config).unwrap();
        let told = policy(&config).unwrap().facts();
        assert!(told.len() > 10);
        for (name, figure) in told {
            assert_eq!(facts.get(name), Some(figure.as_str()), "{name}");
        }
    }
}
