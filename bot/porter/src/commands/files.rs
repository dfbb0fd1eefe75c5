//! Files of a folder as documents.

use std::fs;
use std::path::Path;

use porter_knowledge_base::Document;
use porter_knowledge_base::document::Format;

use crate::error::PorterError;

/// Every Markdown, HTML and reStructuredText file below the folder, by path. Hidden folders and links are passed over.
pub(crate) fn documents(folder: &Path) -> Result<Vec<Document>, PorterError> {
    let mut documents = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(present) = folders.pop() {
        let failed = |cause| PorterError::Input { path: present.clone(), cause };
        for entry in fs::read_dir(&present).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let relative = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                if Format::of(&relative).is_some() {
                    let bytes = fs::read(&path).map_err(|cause| PorterError::Input { path, cause })?;
                    documents.push(Document { path: relative, bytes });
                }
            }
        }
    }
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(documents)
}
