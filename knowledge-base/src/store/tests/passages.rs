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
        audience: Audience::Everyone,
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
    let found = shelf.store.embedded(&ids(&[2, 3, 1])).await.unwrap();
    let [second, first] = &found[..] else { panic!("{found:?}") };
    assert_eq!((second.point_id.as_u128(), first.point_id.as_u128()), (2, 1));
    assert_eq!((first.slug.as_str(), first.kind.as_str(), first.embed_text.as_str()), ("a", "section", "embedded 1"));
    assert!(second.embedding.is_empty());
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&first.embedding), bits(&rows[0].embedding));
}

async fn vectors_of_another_encoder_are_found_and_replaced(shelf: Shelf) {
    shelf.put("a", &[1, 2]).await;
    shelf.put("b", &[3]).await;
    assert!(shelf.store.of_other_encoders("encoder-1").await.unwrap().is_empty());
    assert_eq!(shelf.store.of_other_encoders("encoder-2").await.unwrap(), ["a", "b"]);
    // A point of another article is left alone, and so is one that is not there.
    let vectors: Vec<(Uuid, Vec<f32>)> = ids(&[1, 2, 3, 9]).into_iter().map(|point| (point, vec![2.0])).collect();
    shelf.store.embed_again("a", "encoder-2", &vectors).await.unwrap();
    assert_eq!(shelf.store.of_other_encoders("encoder-2").await.unwrap(), ["b"]);
    let lengths: Vec<usize> =
        shelf.store.embedded(&ids(&[1, 2, 3])).await.unwrap().iter().map(|passage| passage.embedding.len()).collect();
    assert_eq!(lengths, [1, 1, 4]);
}

async fn an_article_for_staff_has_passages_for_staff(shelf: Shelf) {
    let row = ArticleRow { audience: Audience::Staff, ..article("a") };
    shelf.store.replace_article(&row, &passages(&[1]), shelf.now).await.unwrap();
    assert_eq!(shelf.store.passages_of("a").await.unwrap()[0].audience, Audience::Staff);
    assert_eq!(shelf.store.embedded(&ids(&[1])).await.unwrap()[0].audience, Audience::Staff);
    assert_eq!(shelf.store.articles().await.unwrap()[0].audience, Audience::Staff);
}

async fn many_points_are_asked_for_at_once(shelf: Shelf) {
    let points: Vec<u128> = (1..=1234).collect();
    shelf.put("long", &points).await;
    let asked: Vec<Uuid> = ids(&points).into_iter().rev().collect();
    let found = shelf.store.passages_by_point(&asked).await.unwrap();
    assert!(found.iter().map(|passage| passage.point_id).eq(asked.iter().copied()));
    assert_eq!(shelf.store.embedded(&asked).await.unwrap().len(), 1234);
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
    vectors_of_another_encoder_are_found_and_replaced,
    an_article_for_staff_has_passages_for_staff,
    many_points_are_asked_for_at_once,
);
