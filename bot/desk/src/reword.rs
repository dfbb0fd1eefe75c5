//! The seam to a model that words answers. It reads untrusted text and holds no tools: what it yields is shown, and nothing else comes of it.

use std::fmt;

use async_trait::async_trait;
use porter_knowledge_base::{Extract, Found};

/// Words an answer out of passages.
#[async_trait]
pub trait Reword: Send + Sync + fmt::Debug {
    /// Sentences and items of lists to show in place of the extract's, each of which a passage says; `None`: the extract stands. `draft` hears what
    /// can be shown already, each time that it is more.
    async fn reword(
        &self,
        question: &str,
        passages: &[Found],
        extract: &Extract,
        draft: &(dyn for<'p> Fn(&'p [String]) + Send + Sync),
    ) -> Option<Vec<String>>;
}
