use super::*;
use crate::store::{Article, ArticleError, Fingerprint};

async fn an_article_comes_back_as_it_was_written(shelf: Shelf) {
    let bare = ArticleRow {
        summary: None,
        category: None,
        updated: None,
        intents: vec![],
        markdown: "a\0b".to_owned(),
        ..article("bare")
    };
    for row in [article("refunds"), bare] {
        assert!(shelf.store.replace_article(&row, &[], shelf.now).await.unwrap().is_empty());
        let stored = shelf.store.article(&row.slug).await.unwrap().unwrap();
        let markdown = row.markdown.replace('\0', "\u{fffd}");
        assert_eq!(stored, Article { row: ArticleRow { markdown, ..row }, ingested_at: shelf.now });
    }
    assert_eq!(shelf.store.article("nothing").await.unwrap(), None);
    assert_eq!(shelf.store.article("nul\0l").await.unwrap(), None);
}

async fn a_list_is_in_order_and_without_texts(shelf: Shelf) {
    for (slug, category, title) in
        [("c", Some("video"), "A"), ("b", Some("billing"), "b"), ("a", Some("billing"), "Z"), ("d", None, "Q")]
    {
        let row = ArticleRow { category: category.map(ToOwned::to_owned), title: title.to_owned(), ..article(slug) };
        shelf.store.replace_article(&row, &[], shelf.now).await.unwrap();
    }
    let heads = shelf.store.articles().await.unwrap();
    let slugs: Vec<&str> = heads.iter().map(|head| head.slug.as_str()).collect();
    assert_eq!(slugs, ["d", "a", "b", "c"]);
    assert_eq!(heads[1].intents, ["refund_request", "refund_status"]);
    assert_eq!((heads[1].source.as_str(), heads[1].ingested_at), ("help", shelf.now));
}

async fn a_changed_article_takes_the_place_of_the_old_one(shelf: Shelf) {
    assert!(shelf.put("refunds", &[1, 2, 3]).await.is_empty());
    shelf.put("other", &[9]).await;
    let changed = ArticleRow { fingerprint: "refunds-2".to_owned(), ..article("refunds") };
    let mut gone = shelf.store.replace_article(&changed, &passages(&[3, 4]), shelf.now).await.unwrap();
    gone.sort_unstable();
    assert_eq!(gone, ids(&[1, 2]), "a point that is written again stays in the index");
    let refunds = "refunds".to_owned();
    assert_eq!(shelf.points().await, [(3, refunds.clone()), (4, refunds), (9, "other".to_owned())]);
    let stored = shelf.store.article("refunds").await.unwrap().unwrap();
    assert_eq!(stored.row.fingerprint, "refunds-2");
}

async fn a_renamed_article_leaves_nothing_of_its_old_name(shelf: Shelf) {
    shelf.put("old-name", &[1, 2]).await;
    // The same file, and where another file had the new name before.
    shelf.put("new-name", &[5]).await;
    let renamed = ArticleRow { path: "billing/old-name.md".to_owned(), ..article("new-name") };
    let mut gone = shelf.store.replace_article(&renamed, &passages(&[1]), shelf.now).await.unwrap();
    gone.sort_unstable();
    assert_eq!(gone, ids(&[2, 5]));
    assert_eq!(shelf.store.article("old-name").await.unwrap(), None);
    assert_eq!(shelf.points().await, [(1, "new-name".to_owned())]);
}

async fn a_slug_belongs_to_one_source(shelf: Shelf) {
    shelf.put("refunds", &[1]).await;
    let intruder = ArticleRow { source: "manual".to_owned(), ..article("refunds") };
    let refused = shelf.store.replace_article(&intruder, &passages(&[2]), shelf.now).await;
    assert!(
        matches!(&refused, Err(ArticleError::SlugTaken { slug, owner }) if slug == "refunds" && owner == "help"),
        "{refused:?}"
    );
    assert_eq!(shelf.points().await, [(1, "refunds".to_owned())]);
    assert_eq!(shelf.store.slug_owner("refunds").await.unwrap().as_deref(), Some("help"));
    assert_eq!(shelf.store.slug_owner("nothing").await.unwrap(), None);
    // The same path in another source is another file.
    let neighbour = ArticleRow { source: "manual".to_owned(), path: "billing/refunds.md".to_owned(), ..article("r2") };
    shelf.store.replace_article(&neighbour, &passages(&[2]), shelf.now).await.unwrap();
    assert_eq!(shelf.points().await.len(), 2);
}

async fn a_failed_write_changes_nothing(shelf: Shelf) {
    shelf.put("refunds", &[1]).await;
    shelf.put("other", &[9]).await;
    let changed = ArticleRow { fingerprint: "refunds-2".to_owned(), ..article("refunds") };
    let refused = shelf.store.replace_article(&changed, &passages(&[2, 9]), shelf.now).await;
    assert!(matches!(refused, Err(ArticleError::Db(_))), "point 9 is another article's");
    let stored = shelf.store.article("refunds").await.unwrap().unwrap();
    assert_eq!(stored.row.fingerprint, "refunds-1");
    assert_eq!(shelf.points().await, [(1, "refunds".to_owned()), (9, "other".to_owned())]);
}

async fn deleting_takes_what_is_named_from_one_source(shelf: Shelf) {
    shelf.put("a", &[1, 2]).await;
    shelf.put("b", &[3]).await;
    let foreign = ArticleRow { source: "manual".to_owned(), ..article("m") };
    shelf.store.replace_article(&foreign, &passages(&[4]), shelf.now).await.unwrap();

    let slugs: Vec<String> = ["a", "m", "nothing"].map(ToOwned::to_owned).to_vec();
    let mut gone = shelf.store.delete_articles("help", &slugs).await.unwrap();
    gone.sort_unstable();
    assert_eq!(gone, ids(&[1, 2]));
    assert_eq!(shelf.points().await, [(3, "b".to_owned()), (4, "m".to_owned())]);
    assert!(shelf.store.delete_articles("help", &[]).await.unwrap().is_empty());
}

async fn fingerprints_are_those_of_the_source(shelf: Shelf) {
    for slug in ["b", "a"] {
        shelf.put(slug, &[]).await;
    }
    let foreign = ArticleRow { source: "manual".to_owned(), ..article("m") };
    shelf.store.replace_article(&foreign, &[], shelf.now).await.unwrap();
    let expected = ["a", "b"].map(|slug| Fingerprint {
        path: format!("billing/{slug}.md"),
        slug: slug.to_owned(),
        fingerprint: format!("{slug}-1"),
    });
    assert_eq!(shelf.store.fingerprints("help").await.unwrap(), expected);
    assert!(shelf.store.fingerprints("nothing").await.unwrap().is_empty());
}

porter_testkit::both_engines!(
    Shelf::open;
    an_article_comes_back_as_it_was_written,
    a_list_is_in_order_and_without_texts,
    a_changed_article_takes_the_place_of_the_old_one,
    a_renamed_article_leaves_nothing_of_its_old_name,
    a_slug_belongs_to_one_source,
    a_failed_write_changes_nothing,
    deleting_takes_what_is_named_from_one_source,
    fingerprints_are_those_of_the_source,
);
