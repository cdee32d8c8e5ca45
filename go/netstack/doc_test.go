package netstack_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// documented is the package as godoc shows it, with the examples of its tests.
func documented(t *testing.T) *doc.Package {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, entry := range made(os.ReadDir("."))(t) {
		if strings.HasSuffix(entry.Name(), ".go") {
			files = append(files, made(parser.ParseFile(set, entry.Name(), nil, parser.ParseComments))(t))
		}
	}
	return made(doc.NewFromFiles(set, files, "netstack.example/go/netstack"))(t)
}

// Every name that is exported says what it is, and every type, function and method has an example that runs.
func TestDocumentation(t *testing.T) {
	p := documented(t)
	if !strings.HasPrefix(p.Doc, "Package netstack ") {
		t.Errorf("the package says %q", p.Doc)
	}
	examples := map[string]bool{}
	keep := func(of string, some []*doc.Example) {
		for _, example := range some {
			examples[of] = true
			if example.Output == "" && !example.EmptyOutput {
				t.Errorf("Example%s does not run: it has no output", strings.ReplaceAll(of, ".", "_"))
			}
		}
	}
	wants := func(name, text string, some []*doc.Example) {
		keep(name, some)
		if !examples[name] {
			t.Errorf("%s has no example", name)
		}
		if base := name[strings.LastIndex(name, ".")+1:]; !strings.HasPrefix(text, base+" ") && base != "Error" {
			t.Errorf("%s says %q", name, text)
		}
	}
	groups := func(some []*doc.Value) {
		for _, group := range some {
			if group.Doc == "" {
				t.Errorf("%v say nothing", group.Names)
			}
		}
	}
	keep("", p.Examples)
	groups(p.Consts)
	groups(p.Vars)
	for _, function := range p.Funcs {
		wants(function.Name, function.Doc, function.Examples)
	}
	links := map[string]bool{"Inject": true, "Write": true, "MTU": true, "Close": true} // shown once, for all links
	for _, one := range p.Types {
		wants(one.Name, one.Doc, one.Examples)
		groups(one.Consts)
		groups(one.Vars)
		for _, function := range one.Funcs {
			wants(function.Name, function.Doc, function.Examples)
		}
		for _, method := range one.Methods {
			if method.Level == 0 || !links[method.Name] {
				wants(one.Name+"."+method.Name, method.Doc, method.Examples)
			}
		}
	}
	if !examples[""] {
		t.Error("the package has no example")
	}
}
