//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Train triage anew with what agents have corrected; it is taken only when no eval got worse. A running porter takes it up within seconds
    #[command(args_conflicts_with_subcommands = true)]
    Train {
        #[command(flatten)]
        training: Training,
        #[command(subcommand)]
        command: Option<Train>,
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

#[derive(Debug, Default, Args)]
pub(crate) struct Training {
    /// More labelled messages: JSON Lines of {"id","text","intent","decision","urgency"}, may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Vec<PathBuf>,
    /// Train and compare, and leave the version in force
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write a report for people on what changed: one HTML file that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Train {
    /// Show the versions with their figures, the one in force marked
    List,
    /// Go back to the version before the one in force
    Rollback,
    /// Put a version in force
    Use {
        /// Its number, or `built-in`
        version: String,
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
    /// Lend models to other processes: an API like OpenAI's for embeddings and chat (models.listen, or --listen)
    Serve,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Train the heads that triage uses on labelled texts and grade them; a JSON object on standard output
    Intents {
        /// A folder with train.csv, val.csv and perhaps test.csv, each with the columns text,label; the label oos is out of scope
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// Models of `porter models list`; of several the vectors stand side by side
        #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all-MiniLM-L6-v2,bge-small-en-v1.5")]
        encoder: Vec<String>,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Grade triage on labelled cases; a JSON object on standard output
    Triage {
        /// JSON Lines of {"id","text","intent","decision","urgency"} [default: the project's own cases]
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        /// Read the cases too that agents have made of conversations
        #[arg(long)]
        own: bool,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Grade the detector of injections; a JSON object on standard output
    Attacks {
        /// JSON Lines of {"text","label"}, label 1 for an injection and 0 for none [default: the project's own texts]
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Hold dialogues with a live desk and an academy of their own, graded by what is true in the end; a JSON object on standard output
    Dialogues {
        /// JSON Lines of dialogues [default: the project's own]
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        /// How often each is held, with other words, typos and faults each time; from 8 on, the share that always ends well is told
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
        repetitions: u32,
        /// What is drawn follows from it
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Run every eval that needs no data set, on the project's own cases; one JSON object with a key for each, one report
    All {
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Have a model word the answers to questions, and look for sentences that no article says; a JSON object on standard output
    Rephrase {
        /// JSON Lines of {"id","text"} [default: the project's own questions]
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        /// How many questions, spread over all [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// `local` for the model of this machine, `stub-hostile` for the worst that there can be, or an address such as https://api.openai.com/v1 (with
        /// answers.model and answers.model_key)
        #[arg(long, value_name = "MODEL", default_value = "local")]
        model: String,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Grade an encoder on passages and queries in the layout of BEIR; a JSON object on standard output
    Retrieval {
        /// A folder with corpus.jsonl, queries.jsonl and qrels.tsv
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// Models of `porter models list`; of several the mean nearness counts
        #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all-MiniLM-L6-v2,bge-small-en-v1.5")]
        encoder: Vec<String>,
        /// By meaning, by words (BM25), or by place in both lists
        #[arg(long, value_enum, default_value_t = Mode::Dense)]
        mode: Mode,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Grade the knowledge base's answers to questions whose articles and facts are known; a JSON object on standard output
    Answers {
        /// JSON Lines of {"id","text","articles","facts"}, or {"id","text"} for what cannot be answered [default: the project's own cases]
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        /// A model of `porter models list`
        #[arg(long, value_name = "NAME", default_value = "all-MiniLM-L6-v2")]
        encoder: String,
        #[command(flatten)]
        reporting: Reporting,
    },
}

/// What nearness means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    Dense,
    Sparse,
    Fused,
}

/// What every eval does with what it found.
#[derive(Debug, Default, Args)]
pub(crate) struct Reporting {
    /// Write a report for people: one HTML file that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write the run, to compare later ones with it
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Compare with an earlier run: a file of --save, or `last` for the newest run of this data folder
    #[arg(long, value_name = "RUN")]
    pub(crate) baseline: Option<PathBuf>,
    /// End with 1 when a figure fell by more than chance explains, and say which
    #[arg(long, requires = "baseline")]
    pub(crate) fail_on_regression: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say whether the configuration is right, and what is wrong where
    Check,
    /// Print the configuration in force
    Show,
}
