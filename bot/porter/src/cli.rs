//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The front desk of an online academy: answers, acts, and knows when to fetch a person.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A TOML file with settings [default: porter.toml in the present folder, when it is there]
    #[arg(long, global = true, value_name = "FILE", env = "PORTER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Where databases and the index live
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where models and what is made from them are kept
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Address to serve on, such as 127.0.0.1:8080
    #[arg(long, global = true, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Address to serve the academy on, such as 127.0.0.1:8081
    #[arg(long, global = true, value_name = "ADDR")]
    pub(crate) lms_listen: Option<SocketAddr>,
}

#[derive(Debug, Default, Subcommand)]
pub(crate) enum Command {
    /// Run every role in this process (what `porter` alone does)
    #[default]
    Up,
    /// The desk alone: chat, inbox and the bot; the academy is elsewhere (lms.url)
    Bot,
    /// The academy alone: its pages and the support API
    Lms {
        #[command(subcommand)]
        command: Option<Lms>,
    },
    /// The academy's jobs alone: mail and certificates
    Worker,
    /// Mail to the desk
    Mail {
        #[command(subcommand)]
        command: Mail,
    },
    /// The built-in mailbox alone: an SMTP server that keeps what it gets, and its page
    Mailbox,
    /// The payment sandbox alone: a provider that moves no money, with its page to pay at
    PaymentsSandbox,
    /// Classify messages: JSON Lines of {"id","text"} in, a line each out, without any effect
    Triage {
        /// The file, or - for standard input
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
    },
    /// The knowledge base
    Kb {
        #[command(subcommand)]
        command: Kb,
    },
    /// The models
    Models {
        #[command(subcommand)]
        command: Models,
    },
    /// Measure Porter
    Eval {
        #[command(subcommand)]
        command: Eval,
    },
    /// The configuration
    Config {
        #[command(subcommand)]
        command: Config,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lms {
    /// Fill the academy with a plausible crowd of learners; run again with a larger number, it grows
    Seed {
        /// How many learners the crowd has in the end
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=porter_academy::crowd::MOST))]
        learners: u64,
        /// The password of all of them; a random one is made and shown when not given
        #[arg(long, env = "PORTER_SEED_PASSWORD", hide_env_values = true, value_name = "TEXT")]
        password: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// Hand a mail to the desk, as a mail server's pipe does; ends with 75 when it is to try again later
    Deliver {
        /// The mail as it was received, or - for standard input
        #[arg(long, value_name = "FILE", default_value = "-")]
        file: PathBuf,
        /// Where the desk is [default: the porter that runs on the data folder]
        #[arg(long, value_name = "URL")]
        to: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Kb {
    /// Make a source consist of the Markdown, HTML and reStructuredText files of a folder
    Ingest {
        /// The folder
        dir: PathBuf,
        /// The source's name [default: the folder's name]
        #[arg(long)]
        source: Option<String>,
    },
    /// Show the passages that fit a question best, with their scores
    Search {
        /// The question
        question: String,
        /// How many articles
        #[arg(long, default_value_t = 5)]
        limit: usize,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// Fetch the models that are missing and verify those that are there
    Fetch {
        /// A model of the list [default: those that the configuration uses]
        name: Option<String>,
    },
    /// List the models with their hashes and where they are
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Grade triage on labelled cases; a JSON object on standard output
    Triage {
        /// JSON Lines of {"id","text","intent","decision","urgency"} [default: the project's own cases]
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
    },
    /// Grade an encoder on passages and queries in the layout of BEIR; a JSON object on standard output
    Retrieval {
        /// A folder with corpus.jsonl, queries.jsonl and qrels.tsv
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// A model of `porter models list`
        #[arg(long, value_name = "NAME", default_value = "all-MiniLM-L6-v2")]
        encoder: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say whether the configuration is right, and what is wrong where
    Check,
    /// Print the configuration in force
    Show,
}
