// Reads a Task or Pipeline of Tekton from standard input and says what its admission webhook would refuse.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/tektoncd/pipeline/pkg/apis/config"
	v1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/yaml"
)

type object interface {
	SetDefaults(context.Context)
	Validate(context.Context) *apis.FieldError
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	var kind struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(text, &kind); err != nil {
		fail(err)
	}
	var read object
	switch kind.Kind {
	case "Task":
		read = &v1.Task{}
	case "Pipeline":
		read = &v1.Pipeline{}
	default:
		fail(fmt.Errorf("no Task and no Pipeline: %q", kind.Kind))
	}
	if err := yaml.UnmarshalStrict(text, read); err != nil {
		fail(err)
	}
	// As at creation, with the settings of a new installation.
	ctx := apis.WithinCreate(config.ToContext(context.Background(), config.FromContextOrDefaults(context.Background())))
	read.SetDefaults(ctx)
	if err := read.Validate(ctx); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
