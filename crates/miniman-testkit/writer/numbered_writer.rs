//! Writes numbered lines, as fast as asked: `<n> <ns since 1970> <padding>`, or those of `mixed.rs`.
//!
//! Runs inside containers, so it is static and needs nothing but std; compiled by `build.rs`. A line's time is taken
//! just before the write that carries it, which is what latency is measured from.

mod mixed;

use std::io::{self, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const USAGE: &str = "numbered-writer [--count N] [--rate LINES_PER_SECOND] [--size BYTES] [--from N] [--stderr-every N] [--mixed] [--hold]
  --count         lines to write (default: no end)
  --rate          0 is as fast as possible (default)
  --size          bytes a line, newline not counted; shorter ones are padded with x
  --from          the first number (default 0)
  --stderr-every  every Nth line goes to stderr instead
  --mixed         lines of a web shop instead, whose text depends on their number only
  --hold          do not exit after the last line";

struct Options {
    count: u64,
    rate: u64,
    size: usize,
    from: u64,
    stderr_every: u64,
    mixed: bool,
    hold: bool,
}

fn options() -> Option<Options> {
    let mut options =
        Options { count: u64::MAX, rate: 0, size: 0, from: 0, stderr_every: 0, mixed: false, hold: false };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--hold" => options.hold = true,
            "--mixed" => options.mixed = true,
            "--count" => options.count = args.next()?.parse().ok()?,
            "--rate" => options.rate = args.next()?.parse().ok()?,
            "--size" => options.size = args.next()?.parse().ok()?,
            "--from" => options.from = args.next()?.parse().ok()?,
            "--stderr-every" => options.stderr_every = args.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}

fn line(n: u64, options: &Options, buffer: &mut Vec<u8>) {
    if options.mixed {
        mixed::push_line(n, buffer);
        buffer.push(b'\n');
        return;
    }
    let size = options.size;
    let start = buffer.len();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    // Writing into a Vec cannot fail.
    let _ = write!(buffer, "{n} {now} ");
    if buffer.len() - start < size {
        buffer.resize(start + size, b'x');
    }
    buffer.push(b'\n');
}

fn run(options: &Options) -> io::Result<()> {
    // Unlocked and unbuffered by our own buffer: std's stdout would cut lines into several writes.
    let mut out = io::stdout().lock();
    let mut err = io::stderr().lock();
    let mut buffer = Vec::with_capacity(128 * 1024);
    let started = Instant::now();
    let mut written = 0;
    while written < options.count {
        let due = match options.rate {
            0 => options.count,
            rate => (started.elapsed().as_nanos() * u128::from(rate) / 1_000_000_000) as u64 + 1,
        }
        .min(options.count);
        while written < due {
            let n = options.from + written;
            written += 1;
            if options.stderr_every > 0 && n % options.stderr_every == options.stderr_every - 1 {
                out.write_all(&buffer)?;
                out.flush()?;
                buffer.clear();
                line(n, options, &mut buffer);
                err.write_all(&buffer)?;
                buffer.clear();
            } else {
                line(n, options, &mut buffer);
                // A pipe holds 64 KiB; stamps of lines that wait in our buffer would be too old.
                if options.rate > 0 || buffer.len() >= 64 * 1024 {
                    out.write_all(&buffer)?;
                    out.flush()?;
                    buffer.clear();
                }
            }
        }
        out.write_all(&buffer)?;
        out.flush()?;
        buffer.clear();
        if options.rate > 0 && written < options.count {
            let next = Duration::from_nanos((u128::from(written) * 1_000_000_000 / u128::from(options.rate)) as u64);
            std::thread::sleep(next.saturating_sub(started.elapsed()));
        }
    }
    while options.hold {
        std::thread::park();
    }
    Ok(())
}

fn main() {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        std::process::exit(64);
    };
    if run(&options).is_err() {
        std::process::exit(1);
    }
}
