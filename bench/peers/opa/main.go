// opa-peer decides the problem of bench/decisions.py with Open Policy Agent.
//
// usage: opa-peer DIR PASSES
//
// Grants are data, keyed by user and table. Who asks for what comes in the input with its attributes, already
// parsed in process and already encoded over HTTP when the clock starts. Asked in three ways: the rules written
// as Rego, one each, so that the rule index picks those of this department, region and purpose; the rules as
// data, keyed by what they test; and the first of the two again over HTTP, from a server process of its own
// (`opa-peer serve DIR`, OPA's server package) on the loopback address through one connection kept open.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

const warmUp = 1000

type user struct {
	User       string `json:"user"`
	Department string `json:"department"`
	Region     string `json:"region"`
	Clearance  int    `json:"clearance"`
}

type table struct {
	Table          string   `json:"table"`
	Classification string   `json:"classification"`
	Tags           []string `json:"tags"`
}

type grant struct{ User, Table string }

type rule struct {
	Rule, Effect, Department, Region, Tag, Purpose string
	Clearance                                      int
}

type question struct {
	User, Table, Purpose string
	IsAllowed            bool `json:"is_allowed"`
}

// input is what the policies see of a question.
type input struct {
	User    user   `json:"user"`
	Table   table  `json:"table"`
	Purpose string `json:"purpose"`
}

type problem struct {
	rules     []rule
	grants    []grant
	questions []question
	inputs    []input
}

type result struct {
	Name      string  `json:"name"`
	Decisions int     `json:"decisions"`
	Wrong     int     `json:"wrong"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
}

func check(err error) {
	if err != nil {
		log.Fatalf("opa-peer: %v", err)
	}
}

func read[T any](dir, name string) []T {
	var rows []T
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	check(err)
	check(json.Unmarshal(text, &rows))
	return rows
}

func readProblem(dir string) problem {
	p := problem{rules: read[rule](dir, "rules"), grants: read[grant](dir, "grants"),
		questions: read[question](dir, "questions")}
	users, tables := map[string]user{}, map[string]table{}
	for _, u := range read[user](dir, "users") {
		users[u.User] = u
	}
	for _, t := range read[table](dir, "tables") {
		tables[t.Table] = t
	}
	for _, q := range p.questions {
		p.inputs = append(p.inputs, input{users[q.User], tables[q.Table], q.Purpose})
	}
	return p
}

// module is the policy: an allow rule each when asRego, else a look-up of the rules kept as data.
func module(rules []rule, asRego bool) string {
	text := `package mesh

default allow := false

allow if {
	permitted
	not denied
}

permitted if data.grants[input.user.user][input.table.table]
`
	for _, r := range rules {
		if r.Effect == "deny" {
			text += fmt.Sprintf("\ndenied if {\n\t%q in input.table.tags\n\tinput.user.clearance < %d\n}\n", r.Tag, r.Clearance)
		} else if asRego {
			text += fmt.Sprintf("\npermitted if {\n\tinput.user.department == %q\n\tinput.user.region == %q\n"+
				"\tinput.purpose == %q\n\t%q in input.table.tags\n}\n", r.Department, r.Region, r.Purpose, r.Tag)
		}
	}
	if !asRego {
		text += `
permitted if {
	tagged := data.rules[input.user.department][input.user.region][input.purpose]
	some tag in input.table.tags
	tagged[tag]
}
`
	}
	return text
}

// set makes the nested object data[key][key]... = true.
func set(data map[string]any, keys ...string) {
	for _, key := range keys[:len(keys)-1] {
		if data[key] == nil {
			data[key] = map[string]any{}
		}
		data = data[key].(map[string]any)
	}
	data[keys[len(keys)-1]] = true
}

// store keeps its values as OPA evaluates them, so that a read converts nothing.
func store(p problem) storage.Store {
	data := map[string]any{}
	for _, g := range p.grants {
		set(data, "grants", g.User, g.Table)
	}
	for _, r := range p.rules {
		if r.Effect == "allow" {
			set(data, "rules", r.Department, r.Region, r.Purpose, r.Tag)
		}
	}
	return inmem.NewFromObjectWithOpts(data, inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true))
}

func measure(name string, p problem, passes int, decide func(i int) bool) result {
	for i := range min(warmUp, len(p.questions)) {
		decide(i)
	}
	times := make([]time.Duration, 0, passes*len(p.questions))
	wrong := 0
	for range passes {
		for i, q := range p.questions {
			start := time.Now()
			isAllowed := decide(i)
			times = append(times, time.Since(start))
			if isAllowed != q.IsAllowed {
				wrong++
			}
		}
	}
	slices.Sort(times)
	us := func(at int) float64 { return float64(times[at].Nanoseconds()) / 1000 }
	return result{name, len(times), wrong, us(len(times) / 2), us(len(times) * 99 / 100)}
}

func inProcess(name string, p problem, passes int, asRego bool) result {
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.mesh.allow"), rego.Module("mesh.rego", module(p.rules, asRego)),
		rego.Store(store(p))).PrepareForEval(ctx)
	check(err)
	inputs := make([]ast.Value, len(p.inputs))
	for i, in := range p.inputs {
		inputs[i], err = ast.InterfaceToValue(in)
		check(err)
	}
	return measure(name, p, passes, func(i int) bool {
		found, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
		check(err)
		return found.Allowed()
	})
}

// serve prints its address and answers until its standard input is closed.
func serve(p problem) {
	ctx := context.Background()
	data := store(p)
	manager, err := plugins.New([]byte{}, "opa-peer", data)
	check(err)
	check(manager.Start(ctx))
	check(storage.Txn(ctx, data, storage.WriteParams, func(txn storage.Transaction) error {
		return data.UpsertPolicy(ctx, txn, "mesh.rego", []byte(module(p.rules, true)))
	}))
	s, err := server.New().WithAddresses([]string{"127.0.0.1:0"}).WithStore(data).WithManager(manager).Init(ctx)
	check(err)
	loops, err := s.Listeners()
	check(err)
	for _, loop := range loops {
		go func() { check(loop()) }()
	}
	for len(s.Addrs()) == 0 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println(s.Addrs()[0])
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
}

func overHTTP(name, dir string, p problem, passes int) result {
	child := exec.Command(os.Args[0], "serve", dir)
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	check(err)
	stdout, err := child.StdoutPipe()
	check(err)
	check(child.Start())
	defer func() {
		check(stdin.Close())
		check(child.Wait())
	}()
	address, err := bufio.NewReader(stdout).ReadString('\n')
	check(err)
	url := "http://" + strings.TrimSpace(address) + "/v1/data/mesh/allow"
	bodies := make([][]byte, len(p.inputs))
	for i, in := range p.inputs {
		bodies[i], err = json.Marshal(map[string]any{"input": in})
		check(err)
	}
	return measure(name, p, passes, func(i int) bool {
		response, err := http.Post(url, "application/json", bytes.NewReader(bodies[i]))
		check(err)
		body, err := io.ReadAll(response.Body)
		check(err)
		check(response.Body.Close())
		var answer struct{ Result *bool }
		check(json.Unmarshal(body, &answer))
		if answer.Result == nil {
			log.Fatalf("opa-peer: the server answered %s: %s", response.Status, body)
		}
		return *answer.Result
	})
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: opa-peer DIR PASSES")
	}
	if os.Args[1] == "serve" {
		serve(readProblem(os.Args[2]))
		return
	}
	dir := os.Args[1]
	passes, err := strconv.Atoi(os.Args[2])
	check(err)
	p := readProblem(dir)
	check(json.NewEncoder(os.Stdout).Encode([]result{
		inProcess("OPA in process, rules as Rego", p, passes, true),
		inProcess("OPA in process, rules as data", p, passes, false),
		overHTTP("OPA over HTTP", dir, p, passes),
	}))
}
