//! Caught mails: one `.eml` file each, named by its id, and what lists of them show, in memory.

mod read;
mod trace;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

pub use read::{Caught, CaughtAttachment, Summary};
pub(crate) use trace::Trace;

/// How many mails are kept; then the oldest goes.
const KEEP: usize = 1_000;
/// What is read of a file to list it: the headers are in there.
const HEAD_BYTES: u64 = 64 * 1_024;

/// A folder of caught mails. Clones are the same folder; two processes must not share one.
#[derive(Debug, Clone)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    keep: usize,
    /// By id; ids sort by the time at which they were made.
    mails: Mutex<BTreeMap<Uuid, Summary>>,
}

impl Folder {
    /// Opens the folder at `path` and makes it when it is not there. What a killed process left half written goes.
    ///
    /// # Errors
    /// When the folder cannot be made, read or tidied.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::keeping(path, KEEP)
    }

    fn keeping(path: &Path, keep: usize) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let mut mails = BTreeMap::new();
        for entry in fs::read_dir(path)? {
            let file = entry?.path();
            match (file.extension().and_then(|end| end.to_str()), id_of(&file)) {
                (Some("part"), Some(_)) => fs::remove_file(&file)?,
                (Some("eml"), Some(id)) => match head(&file)?.and_then(|(head, size)| read::summary(id, &head, size)) {
                    Some(summary) => drop(mails.insert(id, summary)),
                    None => tracing::warn!(mail = %id, "a file in the mailbox's folder is no caught mail, and is left alone"),
                },
                _ => {}
            }
        }
        Ok(Self(Arc::new(Inner { path: path.to_owned(), keep, mails: Mutex::new(mails) })))
    }

    /// Keeps a mail. When this returns, the mail survives a power cut. Blocks.
    pub(crate) fn store(&self, trace: Trace, content: &[u8]) -> io::Result<()> {
        let id = trace.id;
        let mut bytes = trace.to_bytes();
        bytes.extend_from_slice(content);
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let summary = read::summary(id, &bytes, size).ok_or_else(|| io::Error::other("the mail has no trace"))?;

        let (part, whole) = (self.0.path.join(format!("{id}.part")), self.file(id));
        let mut file = File::create_new(&part)?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&part, &whole));
        if let Err(error) = written {
            // A full disk, say. The half of a mail must not make it fuller.
            let _ = fs::remove_file(&part);
            return Err(error);
        }
        // The new name is in the folder, which is a file of its own.
        File::open(&self.0.path)?.sync_all()?;

        let mut mails = self.mails();
        mails.insert(id, summary);
        let mut old = Vec::new();
        while mails.len() > self.0.keep {
            old.extend(mails.pop_first().map(|(id, _)| id));
        }
        drop(mails);
        for id in old {
            if let Err(error) = fs::remove_file(self.file(id)) {
                tracing::warn!(%error, mail = %id, "an old mail could not be removed");
            }
        }
        Ok(())
    }

    /// Up to `most` mails, the newest first, older than `before` when that is given, and those to `to` alone when that is given.
    /// Addresses are compared without regard to case.
    #[must_use]
    pub fn newest(&self, to: Option<&str>, before: Option<Uuid>, most: usize) -> Vec<Summary> {
        let (mails, before) = (self.mails(), before.unwrap_or(Uuid::max()));
        let older = mails.range(..before).rev().map(|(_, mail)| mail);
        older.filter(|mail| to.is_none_or(|to| mail.is_to(to))).take(most).cloned().collect()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.mails().len()
    }

    /// The whole file; `None` when there is no such mail. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn raw(&self, id: Uuid) -> io::Result<Option<Vec<u8>>> {
        if !self.mails().contains_key(&id) {
            return Ok(None);
        }
        match fs::read(self.file(id)) {
            Ok(bytes) => Ok(Some(bytes)),
            // Gone since: a newer mail took its place.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The mail, read; `None` when there is no such mail. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn mail(&self, id: Uuid) -> io::Result<Option<Caught>> {
        Ok(self.raw(id)?.and_then(|bytes| read::mail(id, &bytes)))
    }

    fn file(&self, id: Uuid) -> PathBuf {
        self.0.path.join(format!("{id}.eml"))
    }

    fn mails(&self) -> MutexGuard<'_, BTreeMap<Uuid, Summary>> {
        self.0.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id_of(file: &Path) -> Option<Uuid> {
    file.file_stem()?.to_str()?.parse().ok()
}

/// The beginning of a file, and the length of the whole.
fn head(file: &Path) -> io::Result<Option<(Vec<u8>, u64)>> {
    let file = match File::open(file) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(Some((head, size)))
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use porter_kernel::ids::{Ids as _, SequentialIds};

    use super::*;

    fn trace(ids: &SequentialIds, to: &str) -> Trace {
        Trace {
            id: ids.uuid(),
            received_at: ManualClock::default().now(),
            client: "client.example".to_owned(),
            extended: true,
            from: None,
            to: vec![to.to_owned()],
        }
    }

    #[test]
    fn mails_are_there_again_after_a_restart_and_halves_are_not() {
        let (folder, ids) = (tempfile::tempdir().unwrap(), SequentialIds::default());
        let mails = Folder::open(&folder.path().join("new/mailbox")).unwrap();
        assert_eq!(mails.count(), 0);
        mails.store(trace(&ids, "a@b.example"), b"Subject: one\r\n\r\nhello\r\n").unwrap();
        mails.store(trace(&ids, "C@d.example"), b"Subject: two\r\n\r\nhello\r\n").unwrap();
        let path = folder.path().join("new/mailbox");
        fs::write(path.join(format!("{}.part", ids.uuid())), "half").unwrap();
        fs::write(path.join(format!("{}.eml", ids.uuid())), "not ours").unwrap();
        fs::write(path.join("notes.txt"), "not ours").unwrap();

        let again = Folder::open(&path).unwrap();
        let subjects = |mails: Vec<Summary>| mails.into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
        assert_eq!(subjects(again.newest(None, None, 10)), ["two", "one"]);
        assert_eq!(again.newest(None, None, 10), mails.newest(None, None, 10));
        assert_eq!(subjects(again.newest(Some("c@D.example"), None, 10)), ["two"]);
        let newest = again.newest(None, None, 1);
        assert_eq!(subjects(again.newest(None, Some(newest[0].id), 10)), ["one"]);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 4, "the half is gone, and what is not ours is not");
    }

    #[test]
    fn only_the_newest_are_kept() {
        let (folder, ids) = (tempfile::tempdir().unwrap(), SequentialIds::default());
        let mails = Folder::keeping(folder.path(), 2).unwrap();
        let first = trace(&ids, "a@b.example");
        let id = first.id;
        mails.store(first, b"\r\n").unwrap();
        for _ in 0..2 {
            mails.store(trace(&ids, "a@b.example"), b"\r\n").unwrap();
        }
        assert_eq!((mails.count(), fs::read_dir(folder.path()).unwrap().count()), (2, 2));
        assert!(mails.raw(id).unwrap().is_none());
    }

    #[test]
    fn a_mail_that_cannot_be_written_is_not_listed() {
        let (folder, ids) = (tempfile::tempdir().unwrap(), SequentialIds::default());
        let path = folder.path().join("mailbox");
        let mails = Folder::open(&path).unwrap();
        fs::remove_dir(&path).unwrap();
        assert!(mails.store(trace(&ids, "a@b.example"), b"\r\n").is_err());
        assert_eq!(mails.count(), 0);
    }
}
