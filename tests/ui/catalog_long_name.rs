use instrumental::catalog;

#[catalog(name = "a.module.whose.name.is.so.long.that.no.metric.fits.after.it.because.somebody.thought.that.a.metric.is.the.place.to.tell.the.whole.story.of.how.the.company.came.to.be.and.where.it.goes.from.here.on")]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter;
}

fn main() {
    bids::submitted().increment(1);
}
