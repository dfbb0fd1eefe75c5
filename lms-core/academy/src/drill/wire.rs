//! Before a commit: the one point that no trait of ours has. SQLite calls a hook; between PostgreSQL and its client is a wire.

use std::net::SocketAddr;

use porter_kernel::db::{Database, DatabaseSetting};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::point::{Point, Trap};

/// Opens the database; every commit that comes from here passes the trap first.
pub(super) async fn open(url: &str, trap: &Trap) -> Database {
    let setting = match url.split_once("@127.0.0.1:") {
        Some((user, server)) => {
            let (port, name) = server.split_once('/').unwrap();
            let upstream = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
            format!("{user}@{}/{name}", tap(upstream, trap.clone()).await)
        }
        None => url.to_owned(),
    };
    let setting: DatabaseSetting = setting.parse().unwrap();
    let database = Database::open(&setting, None).await.unwrap();
    if let Database::Sqlite(db) = &database {
        // The one connection that writes keeps it for its life.
        let mut tx = db.write().await.unwrap();
        let trap = trap.clone();
        tx.lock_handle().await.unwrap().set_commit_hook(move || {
            trap.at(Point::BeforeCommit);
            true
        });
        tx.rollback().await.unwrap();
    }
    database
}

/// A place to connect to that leads to `upstream`.
async fn tap(upstream: SocketAddr, trap: Trap) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, trap) = (TcpStream::connect(upstream).await.unwrap(), trap.clone());
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
            }
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1_024];
                while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
                    let sent = &buffer[..count];
                    if sent.windows(7).any(|window| window == b"COMMIT\0") {
                        trap.at(Point::BeforeCommit);
                    }
                    if to_server.write_all(sent).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
