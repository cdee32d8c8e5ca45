package netstack

import "slices"

// given is what options were used, where some that have the same type are for others.
type given struct {
	names []string
	err   error // of the first that makes no sense
}

func (g *given) note(name string, err error) {
	g.names = append(g.names, name)
	if g.err == nil {
		g.err = err
	}
}

// check takes those that `what`, such as "a ping", has.
func (g *given) check(op, what string, allowed ...string) error {
	for _, name := range g.names {
		if !slices.Contains(allowed, name) {
			return invalid(op, name+" is no option of "+what)
		}
	}
	if g.err != nil {
		return invalid(op, g.err.Error())
	}
	return nil
}
