//! Which article and which section answers a question, and whether any does: learnt from the questions that articles say they answer, and from those that they say nobody does.
//!
//! One kernel machine (`porter-heads`) has a column for each article, for each section, and for "none". It is learnt anew whenever articles change, the same each time, and kept by
//! the SHA-256 of what it was learnt from.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use porter_heads::{Featuriser, Kernel, KernelRidge, Targets};
use serde::{Deserialize, Serialize};

use crate::fingerprint::of_parts;
use crate::store::{Embedded, UNANSWERED};

/// Changes when the same lessons teach something else.
const RECIPE: &str = "2";
/// Beyond this many points learning would take minutes and gigabytes, and nearest points must do.
const MOST_POINTS: usize = 16_000;
/// Chosen on the academy's own questions, as is the ridge (ARCHITECTURE.md, "Retrieval").
const KERNEL: Kernel = Kernel { sharpness: 2.0, words: 0.3 };
const RIDGE: f32 = 0.2;
/// By the kernel, where 0 is nothing in common and 1.3 the same text. An article whose questions nobody has written down
/// yet is known by this alone, and every new question that nobody answers makes it harder.
const CLEARLY_NEARER: f32 = 0.12;
/// Files that are kept: an edit that is taken back finds the one before.
const KEPT: usize = 4;

type SectionName = (String, String);

/// What was learnt.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Head {
    articles: BTreeMap<String, usize>,
    /// By article and anchor.
    sections: BTreeMap<SectionName, usize>,
    /// The column of what no article answers, where there are examples.
    none: Option<usize>,
    /// Whose each lesson is: an article's column, or that of "none".
    owners: Vec<usize>,
    learnt: Option<(Featuriser, KernelRidge)>,
}

impl Head {
    /// What these lessons teach: from the folder if it was kept there, else learnt now and kept. That it cannot be kept costs the next start some seconds.
    pub(crate) fn obtain(folder: Option<&Path>, encoder: &str, lessons: &[Embedded]) -> Self {
        let Some(folder) = folder else { return Self::learn(lessons) };
        let path = folder.join(format!("{}.head", fingerprint(encoder, lessons)));
        if let Some(kept) = Self::load(&path) {
            return kept;
        }
        let head = Self::learn(lessons);
        if head.learnt.is_some()
            && let Err(error) = head.save(folder, &path)
        {
            tracing::warn!(%error, path = %path.display(), "what was learnt from articles is not kept");
        }
        head
    }

    /// Of too many points, or of a single article, nothing is learnt.
    pub(crate) fn learn(lessons: &[Embedded]) -> Self {
        let mut head = Self::default();
        for lesson in lessons.iter().filter(|lesson| lesson.kind != UNANSWERED) {
            let next = head.articles.len();
            head.articles.entry(lesson.slug.clone()).or_insert(next);
        }
        if head.articles.len() < 2 || lessons.len() > MOST_POINTS {
            return Self::default();
        }
        let mut columns = head.articles.len();
        for lesson in lessons {
            let slot = match section(lesson) {
                Some(name) if lesson.kind != UNANSWERED => head.sections.entry(name).or_insert(usize::MAX),
                _ if lesson.kind == UNANSWERED => head.none.get_or_insert(usize::MAX),
                _ => continue,
            };
            if *slot == usize::MAX {
                *slot = columns;
                columns += 1;
            }
        }
        let texts: Vec<&str> = lessons.iter().map(|lesson| lesson.embed_text.as_str()).collect();
        let vectors: Vec<&[f32]> = lessons.iter().map(|lesson| lesson.embedding.as_slice()).collect();
        let featuriser = Featuriser::fit(&texts, &vectors, vectors.first().map_or(0, |vector| vector.len()));
        let rows: Vec<_> = texts.iter().zip(&vectors).map(|(text, vector)| featuriser.features(text, vector)).collect();
        let owner = |lesson: &Embedded| match lesson.kind == UNANSWERED {
            true => head.none,
            false => head.articles.get(&lesson.slug).copied(),
        };
        let owners: Vec<usize> = lessons.iter().map(|lesson| owner(lesson).unwrap_or(usize::MAX)).collect();
        let mut targets = vec![0.0; lessons.len() * columns];
        for ((row, lesson), owner) in targets.chunks_exact_mut(columns).zip(lessons).zip(&owners) {
            let section = section(lesson).filter(|_| lesson.kind != UNANSWERED).and_then(|name| head.sections.get(&name).copied());
            for column in section.into_iter().chain([*owner]) {
                if let Some(target) = row.get_mut(column) {
                    *target = 1.0;
                }
            }
        }
        head.owners = owners;
        match KernelRidge::of(&rows, KERNEL, RIDGE, &Targets::of_numbers(targets, columns)) {
            Ok(machine) => Self { learnt: Some((featuriser, machine)), ..head },
            Err(error) => {
                tracing::error!(%error, "nothing is learnt from the articles");
                Self::default()
            }
        }
    }

    /// What it says of a question; `None` where nothing was learnt.
    pub(crate) fn judge(&self, text: &str, vector: &[f32]) -> Option<Judgement<'_>> {
        let (featuriser, machine) = self.learnt.as_ref()?;
        let nearness = machine.nearness(&featuriser.features(text, vector));
        let scores = machine.scores(&nearness);
        Some(Judgement { head: self, scores, nearness })
    }

    fn load(path: &Path) -> Option<Self> {
        rmp_serde::from_read(BufReader::new(fs::File::open(path).ok()?)).ok()
    }

    /// Beside its final name first, so that a crash leaves no half of it.
    fn save(&self, folder: &Path, path: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        rmp_serde::encode::write(&mut BufWriter::new(&mut file), self).map_err(io::Error::other)?;
        file.persist(path).map_err(|error| error.error)?;
        let mut kept: Vec<(std::time::SystemTime, PathBuf)> = fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|own| own == "head"))
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .collect();
        kept.sort();
        for (_, old) in kept.iter().rev().skip(KEPT) {
            fs::remove_file(old)?;
        }
        Ok(())
    }
}

/// The section that a lesson is about; the opening is none: it stands for the whole article.
fn section(lesson: &Embedded) -> Option<SectionName> {
    Some((lesson.slug.clone(), lesson.anchor.clone()?))
}

fn fingerprint(encoder: &str, lessons: &[Embedded]) -> String {
    let mut parts = vec![RECIPE, encoder];
    for lesson in lessons {
        parts.extend([&lesson.slug, &lesson.kind, lesson.anchor.as_deref().unwrap_or_default(), &lesson.embed_text]);
    }
    of_parts(parts.into_iter().map(str::as_bytes))
}

/// What the machine says of one question: about 1 for the article and the section whose own question it is, about 0 for others.
#[derive(Debug)]
pub(crate) struct Judgement<'a> {
    head: &'a Head,
    scores: Vec<f32>,
    /// To each lesson.
    nearness: Vec<f32>,
}

impl Judgement<'_> {
    /// Of an article; 0 for one that came after learning.
    pub(crate) fn article(&self, slug: &str) -> f32 {
        self.at(self.head.articles.get(slug).copied()).unwrap_or(0.0)
    }

    /// Of a section that is not an article's opening; 0 for one that came after learning.
    pub(crate) fn section(&self, slug: &str, anchor: &str) -> f32 {
        self.at(self.head.sections.get(&(slug.to_owned(), anchor.to_owned())).copied()).unwrap_or(0.0)
    }

    /// By how much the question is more like those that the article answers than like those that no article does; `None` where there are none of these. Below 0 it is none
    /// of the article's.
    ///
    /// What is much nearer to a text of the article than to any of those is the article's, whatever was learnt: an article may be new, with no question written down yet.
    pub(crate) fn standing(&self, slug: &str) -> Option<f32> {
        let none = self.head.none?;
        let learnt = self.article(slug) - self.at(Some(none))?;
        let nearer = match self.head.articles.get(slug) {
            Some(article) => self.closest(*article) - self.closest(none) - CLEARLY_NEARER,
            None => return None,
        };
        Some(learnt.max(nearer))
    }

    fn closest(&self, owner: usize) -> f32 {
        let own = self.nearness.iter().zip(&self.head.owners).filter(|(_, own)| **own == owner);
        own.map(|(near, _)| *near).fold(0.0, f32::max)
    }

    fn at(&self, column: Option<usize>) -> Option<f32> {
        self.scores.get(column?).copied()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::Audience;

    fn lesson(slug: &str, kind: &str, anchor: Option<&str>, text: &str, vector: [f32; 3]) -> Embedded {
        Embedded {
            point_id: Uuid::nil(),
            slug: slug.to_owned(),
            kind: kind.to_owned(),
            anchor: anchor.map(str::to_owned),
            embed_text: text.to_owned(),
            audience: Audience::Everyone,
            embedding: vector.to_vec(),
        }
    }

    fn lessons() -> Vec<Embedded> {
        vec![
            lesson("refund", "body", None, "money back", [1.0, 0.1, 0.0]),
            lesson("refund", "question", Some("when"), "how long does it take", [0.9, 0.3, 0.0]),
            lesson("refund", "question", Some("where"), "to which card", [0.9, -0.3, 0.0]),
            lesson("refund", UNANSWERED, None, "what does your bank charge you", [0.8, 0.0, 0.6]),
            lesson("login", "body", None, "sign in", [0.0, 1.0, 0.0]),
            lesson("login", "question", Some("code"), "the code does not come", [0.1, 0.9, 0.2]),
        ]
    }

    #[test]
    fn article_section_and_what_nobody_answers_are_told_apart() {
        let head = Head::learn(&lessons());
        let judged = head.judge("how long until it is here", &[0.9, 0.35, 0.0]).unwrap();
        assert!(judged.article("refund") > judged.article("login") + 0.3, "{judged:?}");
        assert!(judged.section("refund", "when") > judged.section("refund", "where"), "{judged:?}");
        assert!(judged.standing("refund").unwrap() > 0.0, "{judged:?}");
        assert_eq!((judged.article("unknown"), judged.section("refund", "unknown")), (0.0, 0.0));
        let judged = head.judge("what does the bank charge", &[0.8, 0.0, 0.6]).unwrap();
        assert!(judged.standing("refund").unwrap() < 0.0, "{judged:?}");
        let judged = head.judge("xyz", &[0.1, 0.9, 0.1]).unwrap();
        assert!(judged.standing("login").unwrap() > 0.0 && judged.standing("unknown").is_none(), "{judged:?}");
    }

    #[test]
    fn of_one_article_or_none_nothing_is_learnt_and_without_examples_there_is_no_none() {
        assert!(Head::learn(&[]).judge("x", &[1.0, 0.0, 0.0]).is_none());
        assert!(Head::learn(&lessons()[..4]).judge("x", &[1.0, 0.0, 0.0]).is_none());
        let mut answered = lessons();
        answered.retain(|lesson| lesson.kind != UNANSWERED);
        assert!(Head::learn(&answered).judge("x", &[1.0, 0.0, 0.0]).unwrap().standing("refund").is_none());
    }

    #[test]
    fn what_was_learnt_is_kept_by_what_it_was_learnt_from() {
        let folder = tempfile::tempdir().unwrap();
        let scores = |head: &Head| head.judge("money", &[0.7, 0.2, 0.1]).unwrap().scores;
        let learnt = Head::obtain(Some(folder.path()), "encoder", &lessons());
        let kept = Head::obtain(Some(folder.path()), "encoder", &lessons());
        assert_eq!(scores(&learnt), scores(&kept));
        let files = || fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), 1);
        for place in 0..6 {
            let mut edited = lessons();
            edited[0].embed_text = format!("money back {place}");
            Head::obtain(Some(folder.path()), "encoder", &edited);
        }
        assert_eq!(files(), KEPT);
        let path = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        fs::write(&path, b"half of it").unwrap();
        assert!(Head::load(&path).is_none(), "what is damaged is learnt anew");
    }
}
