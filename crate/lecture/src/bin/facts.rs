//! Prints the facts of every demo as JSON: the build writes read-outs, contents and slides of the page from them.

fn main() {
    println!("{}", lecture::facts());
}
