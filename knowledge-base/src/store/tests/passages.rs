use super::*;
use crate::store::Passage;

async fn passages_come_back_in_the_order_asked_for(shelf: Shelf) {
    shelf.put("a", &[10, 11]).await;
    shelf.put("b", &[20]).await;
    let found = shelf.store.passages_by_point(&ids(&[20, 99, 11])).await.unwrap();
    let expected = |slug: &str, ordinal, point: u128| Passage {
        slug: slug.to_owned(),
        title: format!("About {slug}"),
        ordinal,
        point_id: Uuid::from_u128(point),
        kind: "section".to_owned(),
        anchor: Some(format!("p{point}")),
        heading: Some("How".to_owned()),
        text: format!("text {point}"),
        embed_text: format!("embedded {point}"),
    };
    assert_eq!(found, [expected("b", 0, 20), expected("a", 1, 11)]);
    assert_eq!(shelf.store.passages_of("a").await.unwrap(), [expected("a", 0, 10), expected("a", 1, 11)]);
    assert!(shelf.store.passages_of("nothing").await.unwrap().is_empty());
    assert!(shelf.store.passages_by_point(&[]).await.unwrap().is_empty());
}

async fn a_passage_without_heading_has_none(shelf: Shelf) {
    let mut rows = passages(&[1]);
    rows[0].heading = None;
    rows[0].anchor = None;
    shelf.store.replace_article(&article("a"), &rows, shelf.now).await.unwrap();
    let found = shelf.store.passages_of("a").await.unwrap();
    assert_eq!((&found[0].heading, &found[0].anchor), (&None, &None));
}

async fn vectors_come_back_to_the_last_bit(shelf: Shelf) {
    let mut rows = passages(&[1, 2]);
    rows[0].embedding = (0..384_u16).map(|n| (f32::from(n) / 7.0).sin()).collect();
    rows[1].embedding = vec![];
    shelf.store.replace_article(&article("a"), &rows, shelf.now).await.unwrap();
    let found = shelf.store.embeddings(&ids(&[2, 3, 1])).await.unwrap();
    let [(second, empty), (first, full)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((second.as_u128(), first.as_u128()), (2, 1));
    assert!(empty.is_empty());
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(full), bits(&rows[0].embedding));
}

async fn many_points_are_asked_for_at_once(shelf: Shelf) {
    let points: Vec<u128> = (1..=1234).collect();
    shelf.put("long", &points).await;
    let asked: Vec<Uuid> = ids(&points).into_iter().rev().collect();
    let found = shelf.store.passages_by_point(&asked).await.unwrap();
    assert!(found.iter().map(|passage| passage.point_id).eq(asked.iter().copied()));
    assert_eq!(shelf.store.embeddings(&asked).await.unwrap().len(), 1234);
    assert_eq!(shelf.points().await.len(), 1234);

    let slugs: Vec<String> = (0..1100).map(|n| format!("none-{n}")).chain(["long".to_owned()]).collect();
    let gone = shelf.store.delete_articles("help", &slugs).await.unwrap();
    assert_eq!(gone.len(), 1234);
    assert!(shelf.points().await.is_empty());
}

porter_testkit::both_engines!(
    Shelf::open;
    passages_come_back_in_the_order_asked_for,
    a_passage_without_heading_has_none,
    vectors_come_back_to_the_last_bit,
    many_points_are_asked_for_at_once,
);
