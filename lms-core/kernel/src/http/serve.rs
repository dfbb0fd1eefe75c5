//! Connections: how many, how long they may take to say what they want, and how they end in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::shutdown::Shutdown;

/// Connections at the same time; others wait at the door.
const CONNECTIONS: usize = 4_096;
/// How long the head of a request may take to arrive, and a connection may be idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);
/// The largest head of a request, in bytes; a larger one is answered with 431.
const HEAD_BYTES: usize = 32 * 1_024;
/// Headers of a request.
const HEADERS: usize = 100;

/// Serves these routes over HTTP/1.1 until shutdown, and returns when every request under way has been answered; the caller decides how long
/// it waits for that. From the shutdown on nobody is let in: a new connection is refused by the system, an idle one is closed, and one that
/// is at work is closed after its answer. Handlers find the client's address as [`ConnectInfo`] of a [`SocketAddr`].
///
/// # Errors
/// None at present: a connection that cannot be accepted is tried again.
pub async fn serve(listener: TcpListener, routes: Router, shutdown: Shutdown) -> io::Result<()> {
    serve_within(listener, routes, shutdown, HEAD_PATIENCE).await;
    Ok(())
}

async fn serve_within(listener: TcpListener, routes: Router, shutdown: Shutdown, head_patience: Duration) {
    let (places, mut guests) = (Arc::new(Semaphore::new(CONNECTIONS)), JoinSet::new());
    loop {
        while guests.try_join_next().is_some() {}
        let accepted = tokio::select! {
            () = shutdown.triggered() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let (routes, shutdown) = (routes.clone(), shutdown.clone());
        guests.spawn(async move {
            converse(stream, peer, routes, shutdown, head_patience).await;
            drop(place);
        });
    }
    drop(listener);
    while guests.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            // One that gave up at the door is nobody's fault; a process without free file handles gets them back in time.
            if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                tracing::warn!(%error, "a connection could not be accepted");
                pause().await;
            }
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the pause is the point: accepting fails for as long as handles are short")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

async fn converse(stream: TcpStream, peer: SocketAddr, routes: Router, shutdown: Shutdown, head_patience: Duration) {
    // Answers are whole: there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.clone().oneshot(request.map(Body::new))
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_patience)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.triggered() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;
    use crate::http::{Capacity, within};

    struct Server {
        address: SocketAddr,
        shutdown: Shutdown,
        task: JoinHandle<()>,
    }

    async fn server(capacity: Capacity, head_patience: Duration) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
            .route("/echo", post(async |body: Bytes| body));
        let (routes, shutdown) = (within(routes, capacity), Shutdown::default());
        let task = tokio::spawn(serve_within(listener, routes, shutdown.clone(), head_patience));
        Server { address, shutdown, task }
    }

    impl Server {
        async fn say(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream
        }

        /// What comes until the server hangs up.
        async fn all(mut stream: TcpStream) -> String {
            let mut text = String::new();
            let read = timeout(Duration::from_secs(30), stream.read_to_string(&mut text)).await;
            assert!(read.is_ok(), "the server does not hang up; it has said {text:?}");
            text
        }

        async fn answer(&self, text: &str) -> String {
            Self::all(self.say(text).await).await
        }
    }

    const LONG: Duration = Duration::from_secs(3_600);
    const HELLO: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn what_is_under_way_at_the_end_is_answered_and_what_comes_later_is_refused() {
        let server = server(Capacity::default(), LONG).await;
        let idle = server.say("").await;
        let mut sending = server.say("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n").await;
        // The server asks for the body: its request is under way.
        let mut asked = [0; 25];
        sending.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        sending.write_all(b"half ").await.unwrap();
        server.shutdown.trigger();
        assert_eq!(Server::all(idle).await, "", "an idle connection is closed");
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(!server.task.is_finished());
        sending.write_all(b"done.").await.unwrap();
        let answer = Server::all(sending).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("half done."), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        server.task.await.unwrap();
    }

    #[tokio::test]
    async fn a_body_that_drips_keeps_nobody_waiting() {
        let one = Capacity { max_concurrent: 1, max_waiting: 0, ..Capacity::default() };
        let server = server(one, LONG).await;
        let drip = "POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n\r\ndr";
        let mut dripping = [server.say(drip).await, server.say(drip).await, server.say(drip).await];
        let answer = server.answer(HELLO).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("127.0.0.1"), "{answer}");
        dripping[0].write_all(b"ops").await.unwrap();
        let [first, ..] = dripping;
        assert!(Server::all(first).await.ends_with("drops"));
    }

    #[tokio::test]
    async fn slow_senders_are_sent_away() {
        let hasty = Capacity { body_patience: Duration::from_millis(1), ..Capacity::default() };
        let hurried = server(hasty, LONG).await;
        let answer = hurried.answer("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\ndr").await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        let hurried = server(hasty, Duration::from_millis(1)).await;
        let cut_off = hurried.answer("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
        assert!(cut_off.is_empty() || cut_off.starts_with("HTTP/1.1 408 "), "{cut_off}");
    }

    #[tokio::test]
    async fn a_head_has_its_limits() {
        let server = server(Capacity::default(), LONG).await;
        // One that is there at once is taken a little larger.
        let large = format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-large: {}\r\n\r\n", "x".repeat(4 * HEAD_BYTES));
        let many: String = (0..=HEADERS).map(|number| format!("x-{number}: y\r\n")).collect();
        for head in [large, format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{many}\r\n")] {
            let answer = server.answer(&head).await;
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        }
        assert!(server.answer(HELLO).await.starts_with("HTTP/1.1 200 "));
    }
}
