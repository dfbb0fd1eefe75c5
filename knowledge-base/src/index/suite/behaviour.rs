//! What the knowledge base relies on.

use uuid::Uuid;

use super::{DIMENSIONS, Stand, for_staff, point};
use crate::index::{Audience, Hit, IndexError, Mode, Search, Sparse, VectorIndex, query_weights};

const EAST: [f32; DIMENSIONS] = [1.0, 0.0, 0.0, 0.0];
const EAST_BY_NORTH: [f32; DIMENSIONS] = [0.8, 0.6, 0.0, 0.0];
const NORTH_BY_EAST: [f32; DIMENSIONS] = [0.6, 0.8, 0.0, 0.0];
const NORTH: [f32; DIMENSIONS] = [0.0, 1.0, 0.0, 0.0];

fn search(mode: Mode, text: &str, reader: Audience, limit: usize) -> Search {
    Search { mode, dense: EAST.to_vec(), sparse: query_weights(text), reader, limit }
}

async fn found(index: &dyn VectorIndex, search: Search) -> Vec<u128> {
    index.search(search).await.unwrap().into_iter().map(|hit| hit.id.as_u128()).collect()
}

async fn ids(index: &dyn VectorIndex) -> Vec<u128> {
    let mut ids: Vec<u128> = index.ids().await.unwrap().into_iter().map(|id| id.as_u128()).collect();
    ids.sort_unstable();
    ids
}

pub(super) async fn points_come_change_and_go(stand: &dyn Stand) {
    let index = stand.open("a").await;
    assert_eq!(ids(index.as_ref()).await, [0_u128; 0]);
    index.apply(Vec::new(), vec![point(1, EAST, "one"), point(2, NORTH, "two"), point(3, NORTH, "three")]).await.unwrap();
    // One that is there is replaced, one that is unknown is no error, and what is removed and added is there.
    index.apply([2, 3, 9].map(Uuid::from_u128).to_vec(), vec![point(1, NORTH, "four"), point(3, EAST, "three")]).await.unwrap();
    assert_eq!(ids(index.as_ref()).await, [1, 3]);
    assert_eq!(found(index.as_ref(), search(Mode::Dense, "", Audience::Everyone, 1)).await, [3]);
    assert_eq!(found(index.as_ref(), search(Mode::Sparse, "four", Audience::Everyone, 5)).await, [1]);
    assert_eq!(found(index.as_ref(), search(Mode::Sparse, "one", Audience::Everyone, 5)).await, [0_u128; 0]);
    index.settle().await.unwrap();
    assert_eq!(ids(index.as_ref()).await, [1, 3]);
}

pub(super) async fn the_nearest_come_first_with_their_cosine(stand: &dyn Stand) {
    let index = stand.open("a").await;
    index.apply(Vec::new(), vec![point(1, NORTH, ""), point(2, EAST_BY_NORTH, ""), point(3, NORTH_BY_EAST, "")]).await.unwrap();
    let hits = index.search(Search::dense(EAST.to_vec(), Audience::Everyone, 2)).await.unwrap();
    let near = |hit: &Hit, number: u128, score: f32| hit.id.as_u128() == number && (hit.score - score).abs() < 1e-4;
    assert!(hits.len() == 2 && near(&hits[0], 2, 0.8) && near(&hits[1], 3, 0.6), "{hits:?}");
}

pub(super) async fn words_find_what_holds_them_and_rare_ones_count_more(stand: &dyn Stand) {
    let index = stand.open("a").await;
    let texts = ["the course begins", "the course ends", "a refund of the course", "a llama eats hay", "course after course"];
    let points = (1..).zip(texts).map(|(number, text)| point(number, NORTH, text)).collect();
    index.apply(Vec::new(), points).await.unwrap();
    let hits = index.search(search(Mode::Sparse, "refund for courses", Audience::Everyone, 10)).await.unwrap();
    assert_eq!(hits.first().map(|hit| hit.id.as_u128()), Some(3), "{hits:?}");
    assert_eq!(hits.len(), 4, "what shares no word is not found: {hits:?}");
    assert!(hits.is_sorted_by(|a, b| a.score >= b.score), "{hits:?}");
    assert_eq!(found(index.as_ref(), search(Mode::Sparse, "zebra", Audience::Everyone, 10)).await, [0_u128; 0]);
}

pub(super) async fn fusion_prefers_what_both_lists_have(stand: &dyn Stand) {
    let index = stand.open("a").await;
    // Nearest by meaning without the word; with the word and far away; second in both.
    index
        .apply(
            Vec::new(),
            vec![
                point(1, EAST, "nothing here"),
                point(2, EAST_BY_NORTH, "a refund for everybody who asks"),
                point(3, NORTH, "refund refund"),
            ],
        )
        .await
        .unwrap();
    assert_eq!(found(index.as_ref(), search(Mode::Dense, "refund", Audience::Everyone, 3)).await, [1, 2, 3]);
    assert_eq!(found(index.as_ref(), search(Mode::Sparse, "refund", Audience::Everyone, 3)).await, [3, 2]);
    let fused = index.search(search(Mode::Fused, "refund", Audience::Everyone, 2)).await.unwrap();
    // Reciprocal ranks with k = 2, places from 0: 3 has 1/(2+2) + 1/2, 2 has 1/3 + 1/3, 1 has 1/2.
    assert_eq!(fused.iter().map(|hit| hit.id.as_u128()).collect::<Vec<_>>(), [3, 2]);
    assert!((fused[0].score - 0.75).abs() < 1e-4 && (fused[1].score - 2.0 / 3.0).abs() < 1e-4, "{fused:?}");
}

pub(super) async fn what_is_hidden_takes_no_place(stand: &dyn Stand) {
    let index = stand.open("a").await;
    let hidden = (10..40).map(|number| for_staff(point(number, EAST, "refund")));
    index.apply(Vec::new(), hidden.chain([point(1, NORTH_BY_EAST, "refund and more words")]).collect()).await.unwrap();
    for mode in [Mode::Dense, Mode::Sparse, Mode::Fused] {
        assert_eq!(found(index.as_ref(), search(mode, "refund", Audience::Everyone, 3)).await, [1], "{mode:?}");
        assert_eq!(found(index.as_ref(), search(mode, "refund", Audience::Staff, 50)).await.len(), 31, "{mode:?}");
    }
}

pub(super) async fn ids_come_whole_over_many_pages(stand: &dyn Stand) {
    let index = stand.open("a").await;
    let numbers: Vec<u128> = (1..=4_500).collect();
    index.apply(Vec::new(), numbers.iter().map(|number| point(*number, EAST, "word")).collect()).await.unwrap();
    assert_eq!(ids(index.as_ref()).await, numbers);
}

pub(super) async fn a_vector_of_another_length_is_refused_and_nothing_is_written(stand: &dyn Stand) {
    let index = stand.open("a").await;
    let mut short = point(2, EAST, "two");
    short.dense.pop();
    let error = index.apply(Vec::new(), vec![point(1, EAST, "one"), short.clone()]).await.unwrap_err();
    assert!(matches!(error, IndexError::WrongDimension { expected: DIMENSIONS, found: 3 }), "{error}");
    assert_eq!(ids(index.as_ref()).await, [0_u128; 0]);
    let error = index.search(Search::dense(short.dense, Audience::Everyone, 1)).await.unwrap_err();
    assert!(matches!(error, IndexError::WrongDimension { .. }) && !error.may_pass(), "{error}");
    // By words alone no vector is needed.
    let words = Search { mode: Mode::Sparse, dense: Vec::new(), sparse: Sparse::default(), reader: Audience::Everyone, limit: 1 };
    assert_eq!(found(index.as_ref(), words).await, [0_u128; 0]);
}

pub(super) async fn another_encoder_begins_empty_and_takes_over(stand: &dyn Stand) {
    let index = stand.open("a").await;
    index.apply(Vec::new(), vec![point(1, EAST, "one")]).await.unwrap();
    index.settle().await.unwrap();
    drop(index);
    let again = stand.open("a").await;
    assert_eq!(ids(again.as_ref()).await, [1], "the same encoder finds what it has left");
    drop(again);
    let other = stand.open("b").await;
    assert_eq!(ids(other.as_ref()).await, [0_u128; 0]);
    other.apply(Vec::new(), vec![point(1, NORTH, "one")]).await.unwrap();
    other.settle().await.unwrap();
    assert_eq!(ids(other.as_ref()).await, [1]);
    drop(other);
    assert_eq!(ids(stand.open("a").await.as_ref()).await, [0_u128; 0], "the old vectors are gone");
}
