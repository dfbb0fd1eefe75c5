//! What holds for servers alone: collections, aliases, and what goes wrong between processes.

use std::net::TcpListener;
use std::time::Duration;

use super::protocol::Server;
use super::stands::Remote;
use super::{DIMENSIONS, point};
use crate::index::{Audience, IndexError, Search, ServerIndex, ServerSettings, VectorIndex};

const EAST: [f32; DIMENSIONS] = [1.0, 0.0, 0.0, 0.0];

pub(super) async fn the_alias_moves_when_the_new_collection_is_full(remote: &Remote) {
    let old = remote.open("a").await;
    old.apply(Vec::new(), vec![point(1, EAST, "one")]).await.unwrap();
    assert_eq!(remote.in_force().await, None, "what is being filled is not in force");
    old.settle().await.unwrap();
    assert_eq!(remote.in_force().await.as_deref(), Some(old.collection()));

    let new = remote.open("b").await;
    new.apply(Vec::new(), vec![point(1, EAST, "one")]).await.unwrap();
    assert_eq!(remote.in_force().await.as_deref(), Some(old.collection()));
    let search = || Search::dense(EAST.to_vec(), Audience::Everyone, 1);
    assert_eq!(old.search(search()).await.unwrap().len(), 1, "the old collection answers while the new one is filled");
    new.settle().await.unwrap();
    assert_eq!(remote.in_force().await.as_deref(), Some(new.collection()));
    assert_eq!(remote.collections().await, [new.collection()], "the old collection is dropped");
    new.settle().await.unwrap();
    assert_eq!(remote.in_force().await.as_deref(), Some(new.collection()), "settling again changes nothing");
}

pub(super) async fn what_belongs_to_others_stays(remote: &Remote) {
    let neighbour =
        Remote { settings: ServerSettings { prefix: format!("{}x", remote.settings.prefix), ..remote.settings.clone() } };
    let theirs = neighbour.open("a").await;
    theirs.settle().await.unwrap();
    for encoder in ["a", "b"] {
        remote.open(encoder).await.settle().await.unwrap();
    }
    assert_eq!(neighbour.in_force().await.as_deref(), Some(theirs.collection()));
    assert_eq!(theirs.ids().await.unwrap().len(), 0);
}

pub(super) async fn a_collection_that_was_removed_is_named(remote: &Remote) {
    let index = remote.open("a").await;
    remote.client().delete_collection(index.collection()).await.unwrap();
    let search = index.search(Search::dense(EAST.to_vec(), Audience::Everyone, 1)).await.unwrap_err();
    for error in [search, index.apply(Vec::new(), vec![point(1, EAST, "one")]).await.unwrap_err(), index.ids().await.unwrap_err()] {
        assert!(matches!(&error, IndexError::NoCollection { name } if name == index.collection()), "{error}");
        assert!(!error.may_pass());
    }
}

pub(super) async fn two_processes_may_begin_at_once(remote: &Remote) {
    let (one, two) = tokio::join!(remote.open("a"), remote.open("a"));
    one.apply(Vec::new(), vec![point(1, EAST, "one")]).await.unwrap();
    assert_eq!(two.ids().await.unwrap().len(), 1);
}

fn at(url: String, api_key: Option<String>) -> ServerSettings {
    ServerSettings { url, api_key, prefix: "p".to_owned(), timeout: Duration::from_millis(200) }
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let server = Server::start().await;
    let error = ServerIndex::open(&at(server.url.clone(), Some("wrong".to_owned())), "a", DIMENSIONS).await.unwrap_err();
    assert!(matches!(error, IndexError::Refused { .. }) && !error.may_pass(), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    // Bound and closed again: nobody listens.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = ServerIndex::open(&at(format!("http://{address}"), None), "a", DIMENSIONS).await.unwrap_err();
    assert!(matches!(error, IndexError::Unreachable { .. }) && error.may_pass(), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn a_server_that_is_silent_times_out() {
    let server = Server::start().await;
    let index = ServerIndex::open(&at(server.url.clone(), Some(Server::KEY.to_owned())), "a", DIMENSIONS).await.unwrap();
    server.fall_silent();
    let error = index.search(Search::dense(EAST.to_vec(), Audience::Everyone, 1)).await.unwrap_err();
    assert!(matches!(error, IndexError::TimedOut { .. }) && error.may_pass(), "{error}");
}

#[tokio::test]
async fn an_address_that_is_none_is_named() {
    let error = ServerIndex::open(&at("not an address".to_owned(), None), "a", DIMENSIONS).await.unwrap_err();
    assert!(matches!(error, IndexError::Address { .. }), "{error}");
    assert!(error.to_string().contains("6334"), "{error}");
}
