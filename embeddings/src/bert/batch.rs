//! Texts of one forward pass, laid end to end.

/// Tokens of a text, and which of its two parts each belongs to; a text of one part needs no `types`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tokens<'a> {
    pub(crate) ids: &'a [u32],
    pub(crate) types: &'a [u32],
}

impl Tokens<'_> {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Id, type and place of every token.
    pub(crate) fn each(&self) -> impl Iterator<Item = (u32, u32, usize)> {
        let types = self.types.iter().copied().chain(std::iter::repeat(0));
        self.ids.iter().copied().zip(types).enumerate().map(|(place, (id, kind))| (id, kind, place))
    }
}

/// Tokens of some texts with each text's place in the call; sorted by length, so that texts of equal length are neighbours.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    texts: Vec<(usize, Tokens<'a>)>,
}

impl<'a> Batch<'a> {
    /// Sorts texts by length and cuts them into batches of at most `most` tokens; a longer text is a batch of its own.
    pub(crate) fn pack(texts: impl Iterator<Item = Tokens<'a>>, most: usize) -> Vec<Self> {
        let mut sorted: Vec<(usize, Tokens<'a>)> = texts.enumerate().collect();
        // The longest first: the threads then end at about the same time.
        sorted.sort_by_key(|(_, tokens)| std::cmp::Reverse(tokens.len()));
        let mut batches: Vec<Self> = Vec::new();
        let mut held = 0;
        for text in sorted {
            held += text.1.len();
            match batches.last_mut() {
                Some(batch) if held <= most => batch.texts.push(text),
                _ => {
                    held = text.1.len();
                    batches.push(Self { texts: vec![text] });
                }
            }
        }
        batches
    }

    /// Where each text stood in the call.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        self.texts.iter().map(|(position, _)| *position)
    }

    /// The tokens of each text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Tokens<'a>> {
        self.texts.iter().map(|(_, tokens)| *tokens)
    }

    /// Tokens of all texts.
    pub(crate) fn tokens(&self) -> usize {
        self.texts().map(|tokens| tokens.len()).sum()
    }

    /// Runs of texts of equal length, as how many texts and how many tokens each.
    pub(crate) fn runs(&self) -> Vec<(usize, usize)> {
        self.texts.chunk_by(|(_, a), (_, b)| a.len() == b.len()).filter_map(|run| Some((run.len(), run.first()?.1.len()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_text_once_and_keep_to_their_size() {
        let texts: Vec<Vec<u32>> = [3, 9, 3, 1, 4, 3].into_iter().map(|length| vec![7; length]).collect();
        let batches = Batch::pack(texts.iter().map(|ids| Tokens { ids, types: &[] }), 8);
        let mut positions: Vec<usize> = batches.iter().flat_map(Batch::positions).collect();
        positions.sort_unstable();
        assert_eq!(positions, [0, 1, 2, 3, 4, 5]);
        assert_eq!(batches.iter().map(Batch::tokens).collect::<Vec<_>>(), [9, 7, 7]);
        assert_eq!(batches[1].runs(), [(1, 4), (1, 3)]);
        assert_eq!(batches[2].runs(), [(2, 3), (1, 1)]);
    }

    #[test]
    fn no_text_is_no_batch() {
        assert!(Batch::pack(std::iter::empty(), 8).is_empty());
    }
}
