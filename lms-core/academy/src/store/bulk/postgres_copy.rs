//! `COPY … FROM STDIN` in its text format: <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2>.

use std::fmt::Write as _;

use async_trait::async_trait;
use porter_kernel::db::DbError;

use super::cell::{Cell, Loading, Table};

#[async_trait]
impl Loading for sqlx::Postgres {
    async fn load(tx: &mut sqlx::Transaction<'static, Self>, table: &Table<'_>) -> Result<(), DbError> {
        if table.rows.is_empty() {
            return Ok(());
        }
        let statement = format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
        let mut copy = tx.copy_in_raw(&statement).await?;
        copy.send(text(table).into_bytes()).await?;
        copy.finish().await?;
        Ok(())
    }
}

/// A line a row, tabs between cells.
fn text(table: &Table<'_>) -> String {
    let mut text = String::new();
    for row in &table.rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push('\t');
            }
            // Writing to a String cannot fail.
            let _ = match cell {
                Cell::Null => write!(text, "\\N"),
                Cell::Id(id) => write!(text, "{id}"),
                Cell::Number(number) => write!(text, "{number}"),
                Cell::Time(time) => write!(text, "{}", time.datetime().format("%Y-%m-%d %H:%M:%S%.6f+00")),
                Cell::Text(words) => {
                    escape(&mut text, words);
                    Ok(())
                }
            };
        }
        text.push('\n');
    }
    text
}

fn escape(text: &mut String, words: &str) {
    for letter in words.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_cell_or_a_row_is_escaped() {
        let rows = vec![
            vec![Cell::text("a\tb\\c\nd\re\\.é"), Cell::Null, Cell::Number(-4)],
            vec![Cell::text(""), Cell::text("\\N"), Cell::Number(0)],
        ];
        let table = Table { name: "t", columns: &["a", "b", "c"], rows };
        assert_eq!(text(&table), "a\\tb\\\\c\\nd\\re\\\\.é\t\\N\t-4\n\t\\\\N\t0\n");
    }
}
