//! A PostgreSQL server for the tests of one run.
//!
//! nextest runs every test in a process of its own, and a server takes a second to make. So all
//! test processes of a user share one: the first starts it, each holds a shared lock on a file
//! while it lives, and a small watchdog process stops the server and removes it when nobody has
//! held the lock for ten seconds. Locks go with their process, whether it ends, panics or is killed.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    os::unix::{
        fs::{DirBuilderExt as _, MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{self, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use porter_kernel::db::PostgresUrl;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::system::{Account, binaries, run};

/// Durability is for data that anybody will miss.
const SETTINGS: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
     -c shared_buffers=64MB -c max_connections=300 -c autovacuum=off -c listen_addresses=127.0.0.1";

/// A running server.
#[derive(Debug)]
pub struct PgServer {
    port: u16,
    /// The shared lock on `users.lock`.
    _user: File,
}

/// The server of this run; starts it when nobody has. Panics when PostgreSQL is not installed.
pub fn postgres() -> &'static PgServer {
    static SERVER: OnceLock<PgServer> = OnceLock::new();
    SERVER.get_or_init(PgServer::join)
}

impl PgServer {
    fn join() -> Self {
        let binaries = binaries();
        let account = Account::choose();
        let dir = folder(&binaries, account);
        let lock = |name: &str| {
            let path = dir.join(name);
            let file = File::options().create(true).append(true).open(&path);
            file.unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()))
        };
        // The watchdog opens all three.
        let (start, user, _) = (lock("start.lock"), lock("users.lock"), lock("watchdog.lock"));
        start.lock().expect("locking start.lock");
        user.lock_shared().expect("locking users.lock");
        let port = running(&dir, &binaries, account).unwrap_or_else(|| make(&dir, &binaries, account));
        watch(&dir, &binaries, account);
        Self { port, _user: user }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://porter@127.0.0.1:{}/{database}", self.port)
    }

    /// An empty database that nobody else uses. It goes when this process has ended and another
    /// test asks for one, or with the server.
    pub async fn fresh_database(&self) -> PostgresUrl {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("connecting to the test server");
        sweep(&mut connection).await;
        let name = format!("t_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // A killed process of the same number may have left one behind.
        for statement in
            [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name} TEMPLATE template0")]
        {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("creating a database");
        }
        connection.close().await.expect("leaving the test server");
        self.url(&name).parse().expect("a well-formed address")
    }
}

/// Drops the databases of test processes that have ended.
async fn sweep(connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar("SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'")
        .fetch_all(&mut *connection)
        .await
        .expect("listing databases");
    for name in names {
        let process = name.split('_').nth(1).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // Another test may be doing the same.
            let _ = sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await;
        }
    }
}

/// One folder for each user, version and folder of temporary files.
fn folder(binaries: &Path, account: Account) -> PathBuf {
    let version = binaries.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let dir = std::env::temp_dir().join(format!("porter-testkit-{}-pg{version}", account.uid));
    match fs::DirBuilder::new().mode(0o755).create(&dir) {
        Ok(()) => chown(&dir, Some(account.uid), Some(account.gid)).expect("giving the folder away"),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let owner = fs::metadata(&dir).expect("looking at the folder").uid();
            // Created by another test process that has not given it away yet, at worst.
            assert!(owner == account.uid || owner == 0, "{} belongs to somebody else: remove it", dir.display());
        }
        Err(error) => panic!("cannot make {}: {error}", dir.display()),
    }
    dir
}

fn running(dir: &Path, binaries: &Path, account: Account) -> Option<u16> {
    let port = fs::read_to_string(dir.join("port")).ok()?.trim().parse().ok()?;
    answers(dir, port, binaries, account).then_some(port)
}

/// Asked through the socket in our own folder: another program may have taken the port since.
fn answers(dir: &Path, port: u16, binaries: &Path, account: Account) -> bool {
    let mut command = account.command(&binaries.join("pg_isready"));
    command.args(["--quiet", "--timeout=3", "--port", &port.to_string(), "--host"]).arg(dir);
    command.status().is_ok_and(|status| status.success())
}

fn make(dir: &Path, binaries: &Path, account: Account) -> u16 {
    let data = dir.join("data");
    // What a killed watchdog left behind.
    if data.exists() {
        let mut stop = account.command(&binaries.join("pg_ctl"));
        stop.args(["--mode=immediate", "stop", "--pgdata"]).arg(&data);
        let _ = stop.output();
        fs::remove_dir_all(&data).expect("removing the old server");
    }
    let mut initdb = account.command(&binaries.join("initdb"));
    initdb.args(["--auth=trust", "--username=porter", "--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"]);
    run(initdb.arg(&data));

    let log = data.join("server.log");
    // Another program may take the port before PostgreSQL does.
    for _ in 0..5 {
        let port = free_port();
        let mut start = account.command(&binaries.join("pg_ctl"));
        start.args(["start", "--wait", "--silent", "--pgdata"]).arg(&data).arg("--log").arg(&log);
        start.arg("--options").arg(format!("{SETTINGS} -c port={port} -c unix_socket_directories={}", dir.display()));
        let output = start.output().expect("starting pg_ctl");
        if output.status.success() {
            fs::write(dir.join("port"), port.to_string()).expect("writing down the port");
            return port;
        }
    }
    let log = fs::read_to_string(log).unwrap_or_default();
    panic!("the PostgreSQL test server does not start. Its log says:\n{log}")
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("finding a free port");
    listener.local_addr().expect("asking for the port").port()
}

/// Starts a watchdog, which ends at once when there is one.
#[expect(clippy::zombie_processes, reason = "it is to outlive this process, and init reaps it")]
fn watch(dir: &Path, binaries: &Path, account: Account) {
    let mut sh = account.command(Path::new("/bin/sh"));
    sh.args(["-c", include_str!("watchdog.sh"), "porter-testkit-watchdog"]);
    sh.arg(dir).arg(binaries.join("pg_ctl"));
    // Its own group: Ctrl-C is for the tests.
    sh.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    sh.spawn().expect("starting the watchdog");
}
