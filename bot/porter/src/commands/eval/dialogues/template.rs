//! What is made once for all repetitions: the demo academy and an empty desk as files, the bot's understanding, the keys.

use std::path::Path;
use std::sync::Arc;

use porter_academy::credential::CredentialKey;
use porter_academy::demo;
use porter_academy::policy::Policy;
use porter_academy::tokens::SigningKey;
use porter_desk::Understand;
use porter_kernel::clock::{Clock as _, ManualClock};
use porter_kernel::db::{Contents, Database, DatabaseSetting, DbError};
use porter_kernel::ids::SequentialIds;
use porter_kernel::jobs;
use porter_knowledge_base::KnowledgeBase;
use tempfile::TempDir;

use crate::config::Config;
use crate::error::PorterError;
use crate::keys;
use crate::roles::academy;

/// What is made once: the demo academy and an empty desk as files, the bot's understanding, the keys.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) folder: TempDir,
    pub(super) before: Contents,
    pub(super) policy: Policy,
    pub(super) key: SigningKey,
    pub(super) credential_key: CredentialKey,
    pub(super) reader: Arc<dyn Understand>,
    pub(super) knowledge: Arc<KnowledgeBase>,
    pub(super) clock: ManualClock,
}

impl Template {
    pub(super) async fn build(
        config: &Config,
        reader: Arc<dyn Understand>,
        knowledge: Arc<KnowledgeBase>,
    ) -> Result<Self, PorterError> {
        let folder = tempfile::tempdir()?;
        let (clock, ids) = (ManualClock::default(), SequentialIds::default());
        let database = sqlite(&folder.path().join("academy.db")).await?;
        jobs::migrate(&database).await?;
        porter_academy::store::migrate(&database).await?;
        let academy = porter_academy::store::open(&database);
        // Nobody signs in with a password here.
        academy.seed(&demo::academy(clock.now(), &ids, "$argon2id$none")).await?;
        for coupon in demo::coupons(clock.now(), &ids) {
            academy.add_coupon(&coupon, clock.now()).await?;
        }
        let before = contents(&database).await?;
        database.close().await;
        let desk = sqlite(&folder.path().join("desk.db")).await?;
        porter_desk::store::migrate(&desk).await?;
        porter_actions::store::migrate(&desk).await?;
        desk.close().await;
        let credential_key = CredentialKey::parse(&keys::fresh_rsa()?)
            .ok_or_else(|| std::io::Error::other("a fresh key of credentials does not sign"))?;
        let (policy, key) = (academy::policy(config)?, SigningKey::from_bytes([7; 32]));
        Ok(Self { folder, before, policy, key, credential_key, reader, knowledge, clock })
    }
}

pub(super) async fn sqlite(path: &Path) -> Result<Database, DbError> {
    Database::open(&DatabaseSetting::Sqlite(path.to_owned()), None).await
}

/// Everything in the database; the dialogues' are SQLite files.
pub(super) async fn contents(database: &Database) -> Result<Contents, DbError> {
    match database {
        Database::Sqlite(db) => db.contents().await,
        Database::Postgres(_) => Ok(Contents::default()),
    }
}
