//! One suite for every place that keeps files; what is left on a disk when a sender stops half-way.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::path::Path;

use axum::body::Bytes;
use futures::{StreamExt as _, stream};
use porter_kernel::files::{Content, Files, FilesError, Stored};
use uuid::Uuid;

const KEY: Uuid = Uuid::from_u128(0xa1);

fn pieces(pieces: Vec<Result<Vec<u8>, FilesError>>) -> Content<'static> {
    Box::pin(stream::iter(pieces.into_iter().map(|piece| piece.map(Bytes::from))))
}

async fn read(files: &dyn Files, key: Uuid) -> Option<Vec<u8>> {
    let mut content = files.get(key).await.unwrap()?;
    let mut bytes = Vec::new();
    while let Some(piece) = content.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    Some(bytes)
}

/// What every place must do.
async fn suite(files: &dyn Files) {
    assert_eq!(read(files, KEY).await, None);
    files.delete(KEY).await.unwrap();

    let big: Vec<u8> = (0..3_000_000u32).map(|number| number.to_le_bytes()[0]).collect();
    files.put(KEY, pieces(big.chunks(70_001).map(|piece| Ok(piece.to_vec())).collect())).await.unwrap();
    assert_eq!(read(files, KEY).await.unwrap(), big);
    files.put(KEY, pieces(vec![Ok(b"new".to_vec())])).await.unwrap();
    assert_eq!(read(files, KEY).await.unwrap(), b"new", "a second one replaces the first");

    // A sender that fails leaves what was there before.
    let broken = || vec![Ok(vec![7; 600_000]), Err(FilesError::Sender("cut off".into()))];
    let error = files.put(KEY, pieces(broken())).await.unwrap_err();
    assert!(matches!(error, FilesError::Sender(_)), "{error}");
    assert_eq!(read(files, KEY).await.unwrap(), b"new");
    let other = Uuid::from_u128(0xb2);
    files.put(other, pieces(broken())).await.unwrap_err();
    assert_eq!(read(files, other).await, None);

    files.put(other, pieces(Vec::new())).await.unwrap();
    assert_eq!(read(files, other).await.unwrap(), b"", "an empty file is a file");
    files.delete(KEY).await.unwrap();
    assert_eq!((read(files, KEY).await, read(files, other).await.unwrap().len()), (None, 0));
}

#[tokio::test]
async fn a_folder_keeps_files() {
    let folder = tempfile::tempdir().unwrap();
    suite(&Stored::in_folder(&folder.path().join("not/there/yet")).unwrap()).await;
}

#[tokio::test]
async fn memory_keeps_files() {
    suite(&Stored::in_memory()).await;
}

/// Every file below the folder.
fn lying_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(lying_in(&entry.path()));
        } else {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found
}

#[tokio::test]
async fn a_putting_that_is_given_up_leaves_nothing_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let files = Stored::in_folder(folder.path()).unwrap();
    files.put(KEY, pieces(vec![Ok(vec![1; 600_000]), Err(FilesError::Sender("cut off".into()))])).await.unwrap_err();
    assert_eq!(lying_in(folder.path()), Vec::<String>::new());

    // The caller goes away while the sender is silent: the future is dropped.
    let (begun, told) = tokio::sync::oneshot::channel();
    let silent: Content<'static> = Box::pin(stream::iter([Ok(Bytes::from(vec![1; 600_000]))]).chain(stream::once(async move {
        let _ = begun.send(());
        std::future::pending().await
    })));
    let putting = tokio::spawn({
        let files = files.clone();
        async move { files.put(KEY, silent).await }
    });
    told.await.unwrap();
    putting.abort();
    assert!(putting.await.unwrap_err().is_cancelled());
    // The removal is a thread's: wait for it.
    for _ in 0..10_000 {
        if lying_in(folder.path()).is_empty() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("left behind: {:?}", lying_in(folder.path()));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), b"x").unwrap();
    let error = Stored::in_folder(&folder.path().join("file/below")).unwrap_err();
    assert!(error.to_string().contains("check the folder"), "{error}");
}
