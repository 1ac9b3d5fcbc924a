//! The table at the end.

/// All measurements of one run.
pub(crate) struct Report {
    sections: Vec<Section>,
}

/// What was measured under one set of circumstances.
pub(crate) struct Section {
    title: String,
    rows: Vec<(String, f64, f64)>,
    notes: Vec<String>,
}

impl Section {
    pub(crate) fn new(title: &str) -> Section {
        Section { title: title.to_owned(), rows: Vec::new(), notes: Vec::new() }
    }

    /// One measure of `docker logs` and of MiniMan; less is better.
    pub(crate) fn row(&mut self, what: &str, docker: f64, miniman: f64) {
        self.rows.push((what.to_owned(), docker, miniman));
    }

    pub(crate) fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }
}

impl Report {
    pub(crate) fn new() -> Report {
        println!("measuring; this takes some fifteen minutes");
        Report { sections: Vec::new() }
    }

    pub(crate) fn add(&mut self, section: Section) {
        println!("measured: {}", section.title);
        self.sections.push(section);
    }

    /// The ratio is MiniMan's value in terms of `docker logs`': under 1 MiniMan needs less.
    pub(crate) fn print(&self) {
        println!("\n{:<28}{:>14}{:>14}{:>10}", "", "docker logs", "MiniMan", "ratio");
        for section in &self.sections {
            println!("\n{}", section.title);
            for (what, docker, miniman) in &section.rows {
                println!("  {what:<26}{docker:>14.2}{miniman:>14.2}{:>10.2}", miniman / docker);
            }
            section.notes.iter().for_each(|note| println!("  {note}"));
        }
    }
}
