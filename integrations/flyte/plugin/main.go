// Command daskjobs is Flyte's own Dask plugin without the rest of Flyte: it launches a task as a DaskJob, says
// in Flyte's words how it goes, and ends it, by the code that Flyte's executor runs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	daskAPI "github.com/dask/dask-kubernetes/v2023/dask_kubernetes/operator/go_client/pkg/apis/kubernetes.dask.org/v1"
	"github.com/stretchr/testify/mock"
	"google.golang.org/protobuf/types/known/structpb"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	manager "github.com/flyteorg/flyte/v2/executor/pkg/plugin/k8s"
	"github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery"
	pluginsCore "github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery/core"
	"github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery/core/mocks"
	"github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery/flytek8s/config"
	ioMocks "github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery/io/mocks"
	"github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery/k8s"
	"github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/pluginmachinery/utils"
	_ "github.com/flyteorg/flyte/v2/flyteplugins/go/tasks/plugins/k8s/dask"
	"github.com/flyteorg/flyte/v2/flytestdlib/contextutils"
	"github.com/flyteorg/flyte/v2/flytestdlib/promutils"
	"github.com/flyteorg/flyte/v2/flytestdlib/promutils/labeled"
	"github.com/flyteorg/flyte/v2/flytestdlib/storage"
	stdlibUtils "github.com/flyteorg/flyte/v2/flytestdlib/utils"
	"github.com/flyteorg/flyte/v2/gen/go/flyteidl2/core"
	"github.com/flyteorg/flyte/v2/gen/go/flyteidl2/plugins"
)

const usage = `daskjobs manifest|launch|look|watch|abort|finalize [flags] [-- words of the task's container]

manifest   print the DaskJob as Flyte would create it
launch     create it
look       print the phase as a line of JSON
watch      print each phase as a line of JSON, until the last one
abort      as when the task is killed
finalize   as after its end: finalizers go, by an update of the whole object
`

// task is what a Flyte user says of a task of type dask, and the name that Flyte gave its execution.
type task struct {
	name, namespace, image, clusterImage string
	workers                              int
	words                                []string
	finalizer                            bool
	patience                             time.Duration
}

// line is a phase as it is printed.
type line struct {
	Phase   string `json:"phase"`
	Reason  string `json:"reason,omitempty"`
	Code    string `json:"code,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Message string `json:"message,omitempty"`
	Pod     string `json:"pod,omitempty"`
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	labeled.SetMetricKeys(contextutils.NamespaceKey)
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(command string, args []string) error {
	t := task{}
	flags := flag.NewFlagSet(command, flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", os.Getenv("KUBECONFIG"), "of the cluster")
	flags.StringVar(&t.name, "name", "flyte-sums", "of the execution")
	flags.StringVar(&t.namespace, "namespace", "default", "of the task")
	flags.StringVar(&t.image, "image", "example/flyte:1", "of the task")
	flags.StringVar(&t.clusterImage, "cluster-image", "", "of scheduler and workers, if another")
	flags.IntVar(&t.workers, "workers", 2, "workers of the cluster")
	flags.BoolVar(&t.finalizer, "finalizer", false, "Flyte's inject-finalizer")
	flags.DurationVar(&t.patience, "patience", 180*time.Second, "Flyte's image-pull-backoff-grace-period")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t.words = flags.Args()
	if err := configure(t); err != nil {
		return err
	}
	ctx := context.Background()
	kube, err := connect(command, *kubeconfig)
	if err != nil {
		return err
	}
	plugin, err := daskPlugin()
	if err != nil {
		return err
	}
	pm := manager.NewPluginManager("dask", plugin, kube)
	started := &manager.PluginState{Phase: manager.PluginPhaseStarted}
	switch command {
	case "manifest", "launch":
		return launch(ctx, pm, kube, t, command == "manifest")
	case "look":
		transition, err := pm.Handle(ctx, execution(t, started))
		if err != nil {
			return err
		}
		return printed(transition.Info())
	case "watch":
		return watch(ctx, pm, t, started)
	case "abort":
		return pm.Abort(ctx, execution(t, started))
	case "finalize":
		return pm.Finalize(ctx, execution(t, started))
	}
	return fmt.Errorf("unknown command %q\n%s", command, usage)
}

// configure sets what Flyte's platform team does: no owner, since there is no TaskAction that could be one.
func configure(t task) error {
	cfg := *config.GetK8sPluginConfig()
	cfg.InjectFinalizer = t.finalizer
	cfg.DisableInjectOwnerReferences = true
	cfg.ImagePullBackoffGracePeriod.Duration = t.patience
	return config.SetK8sPluginConfig(&cfg)
}

func daskPlugin() (k8s.Plugin, error) {
	for _, entry := range pluginmachinery.PluginRegistry().GetK8sPlugins() {
		if entry.ID == "dask" {
			return entry.Plugin, nil
		}
	}
	return nil, fmt.Errorf("Flyte has no plugin of the name dask")
}

type kubeClient struct{ client client.Client }

func (k kubeClient) GetClient() client.Client { return k.client }
func (k kubeClient) GetCache() cache.Cache    { return nil }

// connect gives the API server of the kubeconfig, or for a manifest one in memory.
func connect(command, kubeconfig string) (pluginsCore.KubeClient, error) {
	if command == "manifest" {
		return kubeClient{fake.NewClientBuilder().WithScheme(scheme.Scheme).Build()}, nil
	}
	rest, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	c, err := client.New(rest, client.Options{Scheme: scheme.Scheme})
	return kubeClient{c}, err
}

func launch(ctx context.Context, pm *manager.PluginManager, kube pluginsCore.KubeClient, t task, show bool) error {
	transition, err := pm.Handle(ctx, execution(t, &manager.PluginState{}))
	if err != nil {
		return err
	}
	if !show {
		return printed(transition.Info())
	}
	job := &daskAPI.DaskJob{}
	if err := kube.GetClient().Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: t.name}, job); err != nil {
		return err
	}
	job.ResourceVersion = ""
	job.TypeMeta = metav1.TypeMeta{Kind: "DaskJob", APIVersion: daskAPI.SchemeGroupVersion.String()}
	text, err := json.MarshalIndent(job, "", "  ")
	fmt.Println(string(text))
	return err
}

func watch(ctx context.Context, pm *manager.PluginManager, t task, state *manager.PluginState) error {
	last := ""
	for {
		transition, err := pm.Handle(ctx, execution(t, state))
		if err != nil {
			return err
		}
		info := transition.Info()
		now := info.Phase().String() + info.Reason()
		if now != last {
			if err := printed(info); err != nil {
				return err
			}
		}
		last = now
		if info.Phase().IsTerminal() {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func printed(info pluginsCore.PhaseInfo) error {
	said := line{Phase: info.Phase().String(), Reason: info.Reason()}
	if e := info.Err(); e != nil {
		said.Code, said.Kind, said.Message = e.GetCode(), e.GetKind().String(), e.GetMessage()
	}
	if i := info.Info(); i != nil && i.LogContext != nil {
		said.Pod = i.LogContext.GetPrimaryPodName()
	}
	text, err := json.Marshal(said)
	fmt.Println(string(text))
	return err
}

// execution is what Flyte's executor tells the plugin of this execution of the task; `state` it keeps.
func execution(t task, state *manager.PluginState) pluginsCore.TaskExecutionContext {
	ctx := &mocks.TaskExecutionContext{}
	inputs := &ioMocks.InputReader{}
	inputs.EXPECT().GetInputPrefixPath().Return("/input/prefix")
	inputs.EXPECT().GetInputPath().Return("/input")
	inputs.EXPECT().Get(mock.Anything).Return(&core.LiteralMap{}, nil)
	ctx.EXPECT().InputReader().Return(inputs)
	outputs := &ioMocks.OutputWriter{}
	outputs.EXPECT().GetOutputPath().Return("/data/outputs.pb")
	outputs.EXPECT().GetErrorPath().Return("/data/error.pb")
	outputs.EXPECT().GetOutputPrefixPath().Return("/data/")
	outputs.EXPECT().GetRawOutputPrefix().Return("")
	outputs.EXPECT().GetCheckpointPrefix().Return("/checkpoint")
	outputs.EXPECT().GetPreviousCheckpointsPrefix().Return("/prev")
	outputs.EXPECT().Put(mock.Anything, mock.Anything).Return(nil)
	ctx.EXPECT().OutputWriter().Return(outputs)
	store, err := storage.NewDataStore(&storage.Config{Type: storage.TypeMemory}, promutils.NewTestScope())
	if err != nil {
		panic(err)
	}
	ctx.EXPECT().DataStore().Return(store)
	reader := &mocks.TaskReader{}
	reader.EXPECT().Read(mock.Anything).Return(template(t), nil)
	ctx.EXPECT().TaskReader().Return(reader)
	ctx.EXPECT().TaskExecutionMetadata().Return(metadata(t))
	kept := &mocks.PluginStateReader{}
	kept.EXPECT().Get(mock.Anything).RunAndReturn(func(into interface{}) (uint8, error) {
		if whole, ok := into.(*manager.PluginState); ok {
			*whole = *state
		}
		return 1, nil
	})
	ctx.EXPECT().PluginStateReader().Return(kept)
	keeps := &mocks.PluginStateWriter{}
	keeps.EXPECT().Put(mock.Anything, mock.Anything).RunAndReturn(func(_ uint8, from interface{}) error {
		*state = *from.(*manager.PluginState)
		return nil
	})
	ctx.EXPECT().PluginStateWriter().Return(keeps)
	return ctx
}

func metadata(t task) pluginsCore.TaskExecutionMetadata {
	id := &mocks.TaskExecutionID{}
	workflow := &core.WorkflowExecutionIdentifier{Name: "sums", Project: "flytesnacks", Domain: "development"}
	id.EXPECT().GetID().Return(&core.TaskExecutionIdentifier{
		NodeExecutionId: &core.NodeExecutionIdentifier{ExecutionId: workflow},
	})
	id.EXPECT().GetGeneratedName().Return(t.name)
	id.EXPECT().GetUniqueNodeID().Return("n0")
	small := &v1.ResourceRequirements{
		Requests: v1.ResourceList{
			v1.ResourceCPU:    resource.MustParse("50m"),
			v1.ResourceMemory: resource.MustParse("200Mi"),
		},
		Limits: v1.ResourceList{v1.ResourceCPU: resource.MustParse("1"), v1.ResourceMemory: resource.MustParse("400Mi")},
	}
	meta := &mocks.TaskExecutionMetadata{}
	meta.EXPECT().GetTaskExecutionID().Return(id)
	meta.EXPECT().GetAnnotations().Return(map[string]string{"flyte.org/note": "sums"})
	meta.EXPECT().GetLabels().Return(map[string]string{"project": "flytesnacks", "execution-id": "sums"})
	meta.EXPECT().GetPlatformResources().Return(small)
	meta.EXPECT().GetMaxAttempts().Return(uint32(1))
	meta.EXPECT().IsInterruptible().Return(false)
	meta.EXPECT().GetEnvironmentVariables().Return(nil)
	meta.EXPECT().GetK8sServiceAccount().Return("default")
	meta.EXPECT().GetNamespace().Return(t.namespace)
	meta.EXPECT().GetConsoleURL().Return("")
	overrides := &mocks.TaskOverrides{}
	overrides.EXPECT().GetResources().Return(small)
	overrides.EXPECT().GetExtendedResources().Return(nil)
	overrides.EXPECT().GetPodTemplate().Return(nil)
	overrides.EXPECT().GetContainerImage().Return("")
	meta.EXPECT().GetOverrides().Return(overrides)
	return meta
}

// template is the task as flytekit registers it.
func template(t task) *core.TaskTemplate {
	said, err := utils.MarshalToString(&plugins.DaskJob{
		Scheduler: &plugins.DaskScheduler{Image: t.clusterImage},
		Workers:   &plugins.DaskWorkerGroup{NumberOfWorkers: uint32(t.workers), Image: t.clusterImage},
	})
	custom := &structpb.Struct{}
	if err == nil {
		err = stdlibUtils.UnmarshalStringToPb(said, custom)
	}
	if err != nil {
		panic(err)
	}
	container := &core.Container{Image: t.image}
	if len(t.words) > 0 {
		container.Args = t.words
	} else {
		container.Args = strings.Fields("pyflyte-execute --inputs /input")
	}
	return &core.TaskTemplate{
		Id:       &core.Identifier{Name: "sums"},
		Type:     "dask",
		Metadata: &core.TaskMetadata{},
		Target:   &core.TaskTemplate_Container{Container: container},
		Custom:   custom,
	}
}
