//! What a form says in fields and tables: `年齢：75歳`, `|| 入院日 || || 2024/5/4 ||`, a table of diagnoses.

use super::words::{self, Sense};
use crate::text::{char_at, sub};

/// A field of a form: what its label asks for, and where its value stands in the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub sense: Sense,
    pub start: usize,
    pub end: usize,
}

/// A row of a table of diagnoses.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// What each column holds and where, empty cells left out.
    pub cells: Vec<Field>,
}

impl Row {
    /// The cell of a column.
    pub fn cell(&self, sense: &str) -> Option<Field> {
        self.cells.iter().find(|c| c.sense == sense).copied()
    }
}

/// The fields and the diagnoses of a form.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    pub fields: Vec<Field>,
    pub diagnoses: Vec<Row>,
}

impl Form {
    /// Reads a normalised text.
    pub fn read(text: &str) -> Self {
        let mut form = Self::default();
        let mut head: Vec<Option<Sense>> = Vec::new();
        let mut at = 0;
        for line in text.split('\n') {
            let cells = cells(line, at);
            if cells.len() > 1 {
                form.row(text, &cells, &mut head);
            } else {
                head.clear();
                form.line(text, at, at + line.len());
            }
            at += line.len() + 1;
        }
        form
    }

    /// The value of the first field of that sense.
    pub fn field(&self, sense: &str) -> Option<Field> {
        self.fields.iter().find(|f| f.sense == sense).copied()
    }

    /// A row of a table: the head of one of diagnoses, a row under such a head, or labels with their values.
    fn row(&mut self, text: &str, cells: &[(usize, usize)], head: &mut Vec<Option<Sense>>) {
        let word = |c: &(usize, usize)| sub(text, c.0, c.1);
        let columns: Vec<Option<Sense>> = cells.iter().map(|c| words::column(word(c))).collect();
        let has = |s: &str| columns.iter().flatten().any(|c| *c == s);
        if has("diagnosis") && (has("outcome") || has("onset") || has("comment")) {
            *head = columns;
            return;
        }
        if head.len() == cells.len() {
            let cells = head.iter().zip(cells).filter_map(|(h, c)| h.map(|sense| Field { sense, start: c.0, end: c.1 })).filter(|f| f.end > f.start).collect();
            let row = Row { cells };
            if row.cell("diagnosis").is_some() {
                self.diagnoses.push(row);
            }
            return;
        }
        head.clear();
        for pair in cells.windows(2) {
            let [label, value] = pair else { continue };
            if let Some(sense) = words::label(word(label))
                && words::label(word(value)).is_none()
                && value.1 > value.0
            {
                self.fields.push(Field { sense, start: value.0, end: value.1 });
            }
        }
    }

    /// Fields in a line: a label, a colon or closing bracket, the value up to the next label.
    fn line(&mut self, text: &str, start: usize, end: usize) {
        let first = self.fields.len();
        let mut word = start;
        let mut at = start;
        while at < end {
            let Some(c) = char_at(text, at) else { break };
            let next = at + c.len_utf8();
            let closes = matches!(c, ':' | '】' | ']' | '>' | '〉' | '』');
            if closes && let Some(sense) = words::label(sub(text, word, at)) {
                if let Some(open) = self.fields.get_mut(first..).and_then(<[Field]>::last_mut) {
                    open.end = open.end.min(word);
                }
                let value = if char_at(text, next) == Some(':') { next + 1 } else { next };
                self.fields.push(Field { sense, start: value, end });
            }
            if closes || matches!(c, ' ' | '、' | ',' | '。' | '【' | '[' | '<' | '〈' | '『' | '《' | '》' | ';' | '\t') {
                word = next;
            }
            at = next;
        }
        for f in self.fields.iter_mut().skip(first) {
            // 「退院:12/11 75歳男性」: a value ends with the bracket of another title
            if let Some(i) = sub(text, f.start, f.end).find(['【', '《', '『']) {
                f.end = f.start + i;
            }
            (f.start, f.end) = trimmed(text, f.start, f.end);
        }
    }
}

/// The cells of a line of a table, trimmed: `|| a || || b ||`, `||a||b||`, `| a | b |`, or parted by tabs.
fn cells(line: &str, at: usize) -> Vec<(usize, usize)> {
    let body = line.trim_matches([' ', '\t']);
    let bars = body.starts_with('|') || body.matches("||").count() > 1;
    if !bars && !line.contains('\t') {
        return Vec::new();
    }
    let separator = if !bars {
        "\t"
    } else if body.contains("|| ||") {
        "|| ||"
    } else if body.contains("||") {
        "||"
    } else {
        "|"
    };
    let offset = line.len() - line.trim_start_matches([' ', '\t']).len();
    let edge = if separator == "|" { "|" } else { "||" };
    let inner = body.strip_prefix(edge).unwrap_or(body);
    let mut start = at + offset + (body.len() - inner.len());
    let inner = inner.strip_suffix(edge).unwrap_or(inner);
    let mut out = Vec::new();
    for cell in inner.split(separator) {
        out.push(trimmed_of(cell, start));
        start += cell.len() + separator.len();
    }
    out
}

fn trimmed_of(cell: &str, at: usize) -> (usize, usize) {
    let start = at + cell.len() - cell.trim_start().len();
    (start, (at + cell.trim_end().len()).max(start))
}

fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    trimmed_of(sub(text, start, end), start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        Form::read(text).fields.iter().map(|f| (f.sense, sub(text, f.start, f.end))).collect()
    }

    #[test]
    fn fields_in_every_habit() {
        assert_eq!(read("|| 年齢 || || 75 || || 性別 || || 女性 ||"), [("age", "75"), ("sex", "女性")]);
        assert_eq!(read("年齢:4歳 性:女"), [("age", "4歳"), ("sex", "女")]);
        assert_eq!(read("【入院期間】2024年2月3日~2月19日(17日間)"), [("stay", "2024年2月3日~2月19日(17日間)")]);
        assert_eq!(read("入院:12/2 退院:12/11"), [("admission", "12/2"), ("discharge", "12/11")]);
        assert_eq!(read("| 入院日 | 2024/5/4 | 退院日 | |"), [("admission", "2024/5/4")]);
        assert_eq!(read("発熱:なし"), []);
    }

    #[test]
    fn a_table_of_diagnoses() {
        let text = "|| # || || 退院時診断 || || 発生時期 || || 転帰 ||\n|| 1 || || 肺炎 || ||  || || 軽快 ||\n||  || ||  || ||  || ||  ||\n|| 主訴 || || 発熱 ||";
        let form = Form::read(text);
        assert_eq!(form.diagnoses.len(), 1);
        let cell = |s: &str| form.diagnoses[0].cell(s).map(|f| sub(text, f.start, f.end));
        assert_eq!((cell("diagnosis"), cell("onset"), cell("outcome")), (Some("肺炎"), None, Some("軽快")));
    }
}
