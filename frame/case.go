package frame

import "github.com/rivulet-go/rivulet/frame/expr"

// Case is a chain of conditions that When begins; Otherwise or End makes it an expression. It is immutable.
type Case struct {
	arms []expr.When
	err  error
}

// Condition is a condition of a Case that waits for its Then.
type Condition struct {
	before Case
	cond   expr.Expr
	err    error
}

// When begins a choice; the first condition that is true decides. Conditions are expressions or their text; values
// are expressions or constants, strings too.
//
//	df.WithColumn("late", When(Col("dep_delay").Gt(60)).Then("very").When(Col("dep_delay").Gt(0)).Then("a bit").Otherwise("no"))
func When(cond any) Condition { return Case{}.When(cond) }

// Then is the value where the condition is true.
func (c Condition) Then(value any) Case {
	out := Case{arms: append([]expr.When(nil), c.before.arms...), err: c.err}
	if out.err != nil {
		return out
	}
	v, err := operand(value)
	if err != nil {
		out.err = err
		return out
	}
	out.arms = append(out.arms, expr.When{Cond: c.cond, Then: unnamed(v)})
	return out
}

// When adds a condition that is looked at where none before it is true.
func (c Case) When(cond any) Condition {
	out := Condition{before: c, err: c.err}
	if out.err != nil {
		return out
	}
	x, err := expression(cond)
	if err != nil {
		out.err = err
		return out
	}
	out.cond = unnamed(x)
	return out
}

// Otherwise is the value where no condition is true.
func (c Case) Otherwise(value any) Expr {
	if c.err != nil {
		return Expr{err: c.err}
	}
	v, err := operand(value)
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Case{Whens: c.arms, Else: unnamed(v)}}
}

// End gives null where no condition is true.
func (c Case) End() Expr {
	if c.err != nil {
		return Expr{err: c.err}
	}
	return Expr{x: expr.Case{Whens: c.arms}}
}

// As is End with a name.
func (c Case) As(name string) Expr { return c.End().As(name) }

// String is the expression so far.
func (c Case) String() string { return c.End().String() }
