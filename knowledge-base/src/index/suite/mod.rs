//! What every index keeps, whatever its engine: run on `qdrant-edge`, on the gRPC protocol before a shard of it, and on a real server where
//! `PORTER_TEST_QDRANT_URL` names one.

mod behaviour;
mod protocol;
mod server;
mod stands;

use uuid::Uuid;

use self::stands::{Edge, Protocol, Real, Stand};
use super::{Audience, Point, document_weights};

/// Numbers of a vector in these tests.
const DIMENSIONS: usize = 4;

/// A point for everyone, with the words of `text`.
fn point(number: u128, dense: [f32; DIMENSIONS], text: &str) -> Point {
    Point {
        id: Uuid::from_u128(number),
        dense: dense.to_vec(),
        sparse: document_weights(text),
        slug: format!("article-{number}"),
        kind: "body".to_owned(),
        audience: Audience::Everyone,
    }
}

fn for_staff(point: Point) -> Point {
    Point { audience: Audience::Staff, ..point }
}

macro_rules! every_index {
    ($($test:ident),* $(,)?) => {
        mod on_edge {
            $(#[tokio::test]
            async fn $test() {
                super::behaviour::$test(&super::Edge::begin()).await;
            })*
        }
        mod on_the_protocol {
            $(#[tokio::test]
            async fn $test() {
                super::behaviour::$test(&super::Protocol::begin().await).await;
            })*
        }
        mod on_a_real_server {
            $(#[tokio::test]
            async fn $test() {
                super::Real::each(|stand| async move { super::behaviour::$test(&stand).await }).await;
            })*
        }
    };
}

every_index! {
    points_come_change_and_go,
    the_nearest_come_first_with_their_cosine,
    words_find_what_holds_them_and_rare_ones_count_more,
    fusion_prefers_what_both_lists_have,
    what_is_hidden_takes_no_place,
    ids_come_whole_over_many_pages,
    a_vector_of_another_length_is_refused_and_nothing_is_written,
    another_encoder_begins_empty_and_takes_over,
}

macro_rules! every_server {
    ($($test:ident),* $(,)?) => {
        mod server_on_the_protocol {
            $(#[tokio::test]
            async fn $test() {
                super::server::$test(super::Protocol::begin().await.remote()).await;
            })*
        }
        mod server_that_is_real {
            $(#[tokio::test]
            async fn $test() {
                super::Real::each(|stand| async move { super::server::$test(stand.remote()).await }).await;
            })*
        }
    };
}

every_server! {
    the_alias_moves_when_the_new_collection_is_full,
    what_belongs_to_others_stays,
    a_collection_that_was_removed_is_named,
    two_processes_may_begin_at_once,
}
