{{- /* The variables of a rule of the policy, with the operator's account and those of held flows. */}}
{{- define "daskflow.policy.variables" }}
- {name: kind, expression: request.kind.kind}
- {name: byOperator, expression: request.userInfo.username == {{ .operator | squote }}}
# Whose clusters the policy of made clusters holds, their certificate's Secret among the rest.
- name: byHeldFlow
  expression: >-
    {{ if .held }}request.userInfo.username in {{ toJson .held }}{{ else }}false{{ end }}
# It stands for a run that was asked already, and what the platform's defaults add nobody asked for.
- name: asked
  expression: variables.byOperator && variables.kind == 'DaskCluster'
- name: spec
  expression: >-
    variables.kind == 'Pod' ? dyn({}) :
    variables.kind in ['FlowSchedule', 'ClusterPool'] ? dyn(object.spec.template.?spec.orValue({})) : dyn(object.spec)
- name: cluster
  expression: "variables.kind == 'DaskCluster' ? variables.spec : dyn(variables.spec.?cluster.orValue({}))"
- name: groups
  expression: "[dyn(variables.cluster.?workers.orValue({}))] + variables.cluster.?workerGroups.orValue([])"
- name: pods
  expression: >-
    variables.kind == 'Pod' ? [dyn(object.spec)] :
    ([dyn(variables.spec.?template.?spec.orValue({})), dyn(variables.spec.?runner.?template.?spec.orValue({})),
    dyn(variables.cluster.?scheduler.?template.?spec.orValue({}))] +
    variables.groups.map(g, dyn(g.?template.?spec.orValue({}))))
- name: containers # of each pod
  expression: >-
    variables.pods.map(p, p.?containers.orValue([]) + p.?initContainers.orValue([]) +
    p.?ephemeralContainers.orValue([]))
- name: volumes
  expression: >-
    variables.pods.map(p, p.?volumes.orValue([]))
# Lists in lists become one by way of a text.
- name: images
  expression: >-
    ([variables.spec.?image.orValue('')] +
    variables.containers.map(cs, cs.map(c, c.?image.orValue('')).join('\n')) +
    variables.volumes.map(vs, vs.map(v, v.?image.?reference.orValue('')).join('\n'))).join('\n').split('\n')
    .filter(i, i != '')
- name: token # whether code gets the account's
  expression: >-
    variables.pods.exists(p, p.?automountServiceAccountToken.orValue(variables.kind == 'Pod')) ||
    variables.volumes.exists(vs, vs.exists(v, v.?projected.?sources.orValue([]).exists(s,
    s.?serviceAccountToken.hasValue())))
- name: named
  expression: >-
    ([variables.spec.?serviceAccountName.orValue('')] + variables.pods.map(p, p.?serviceAccountName.orValue('') +
    '\n' + p.?serviceAccount.orValue(''))).join('\n').split('\n').filter(a, a != '' &&
    (a != 'default' || variables.token))
- name: accounts
  expression: "variables.named == [] && variables.token ? ['default'] : variables.named"
- name: secrets # a pod's volume `daskflow` is the operator's own: no template may have one of this name
  expression: >-
    variables.asked ? [] : (variables.spec.?envFrom.orValue([]).map(e, e.?secretRef.?name.orValue('')) +
    variables.spec.?env.orValue([]).map(e, e.?valueFrom.?secretKeyRef.?name.orValue('')) +
    variables.spec.?imagePullSecrets.orValue([]).map(e, e.?name.orValue('')) +
    variables.spec.?flow.?files.?sources.orValue([]).map(s, s.?secretRef.?name.orValue('')) +
    [variables.byHeldFlow ? '' : variables.spec.?security.?tls.?secretName.orValue(''), variables.spec.?schedulerTLS.?secretName.orValue('')] +
    variables.pods.map(p, p.?imagePullSecrets.orValue([]).map(e, e.?name.orValue('')).join('\n')) +
    variables.containers.map(cs, cs.map(c,
    c.?envFrom.orValue([]).map(e, e.?secretRef.?name.orValue('')).join('\n') + '\n' +
    c.?env.orValue([]).map(e, e.?valueFrom.?secretKeyRef.?name.orValue('')).join('\n')).join('\n')) +
    variables.volumes.map(vs, vs.filter(v, v.?name.orValue('') != 'daskflow')
    .map(v, v.?secret.?secretName.orValue('') + '\n' +
    v.?csi.?nodePublishSecretRef.?name.orValue('') + '\n' + v.?azureFile.?secretName.orValue('') + '\n' +
    [v.?flexVolume, v.?rbd, v.?cephfs, v.?iscsi, v.?scaleIO, v.?storageos].map(k,
    k.?secretRef.?name.orValue('')).join('\n') + '\n' +
    v.?projected.?sources.orValue([]).map(s, s.?secret.?name.orValue('')).join('\n')).join('\n'))
    ).join('\n').split('\n').filter(s, s != '')
- name: hostPaths
  expression: >-
    variables.volumes.map(vs, vs.map(v, v.?hostPath.hasValue() ? v.?hostPath.?path.orValue('?') : '').join('\n'))
    .join('\n').split('\n').filter(p, p != '')
- name: nodeSelectors
  expression: >-
    variables.pods.map(p, p.?nodeSelector.orValue({}).filter(k, p.nodeSelector[k] != null)
    .map(k, k + '=' + string(p.nodeSelector[k])).join('\n'))
    .join('\n').split('\n').filter(s, s != '')
- name: tolerations
  expression: >-
    variables.pods.map(p, p.?tolerations.orValue([]).map(t, t.?key.orValue('*')).join('\n'))
    .join('\n').split('\n').filter(k, k != '' && !k.startsWith('node.kubernetes.io/'))
- name: priorityClasses
  expression: >-
    ([variables.spec.?priorityClassName.orValue('')] + variables.pods.map(p, p.?priorityClassName.orValue('')))
    .filter(p, p != '')
- name: volumeKinds
  expression: >-
    variables.kind == 'Pod' ? [] : variables.volumes.map(vs, vs.map(v, v.filter(k, v[k] != null).join('\n')).join('\n'))
    .join('\n').split('\n').filter(k, !(k in ['', 'name']))
- name: arguments
  expression: >-
    variables.asked ? [] : (variables.cluster.?scheduler.?args.orValue([]) +
    variables.groups.map(g, g.?args.orValue([]).join('\n'))).join('\n').split('\n').filter(a, a.startsWith('-'))
    .map(a, a.split('=')[0])
- name: environment # the operator's own among a pod's are none that anybody asked for
  expression: >-
    variables.kind == 'Pod' || variables.asked ? [] : (variables.spec.?env.orValue([]).map(e, e.?name.orValue('?')) +
    variables.spec.?envFrom.orValue([]).map(e, 'envFrom') +
    variables.containers.map(cs, cs.map(c, c.?env.orValue([]).map(e, e.?name.orValue('?')).join('\n') +
    '\n' + c.?envFrom.orValue([]).map(e, 'envFrom').join('\n')).join('\n')))
    .join('\n').split('\n').filter(n, n != '' && !n.startsWith('DASKFLOW_'))
- name: config
  expression: >-
    variables.asked ? [] :
    variables.cluster.?config.orValue({}).map(k, type(variables.cluster.config[k]) == map ?
    variables.cluster.config[k].map(l, k + '.' + l).join('\n') : k).join('\n').split('\n').filter(k, k != '')
- name: requirements # of each pod and its containers, and those of the spec
  expression: >-
    [[dyn(variables.spec.?runner.?resources.orValue({})), dyn(variables.cluster.?scheduler.?resources.orValue({}))] +
    variables.groups.map(g, dyn(g.?resources.orValue({}))) +
    variables.pods.map(p, dyn(p.?resources.orValue({})))] +
    variables.containers.map(cs, cs.map(c, dyn(c.?resources.orValue({}))))
- name: workers
  expression: >-
    variables.kind == 'Pod' ? 0 : {{ include "daskflow.policy.count" . | indent 4 | trim }}
- name: hold # what gives a container, or its pod, a hold on the node
  expression: >-
    variables.pods.filter(p,
    p.?hostNetwork.orValue(false) || p.?hostPID.orValue(false) || p.?hostIPC.orValue(false) ||
    p.?securityContext.?windowsOptions.?hostProcess.orValue(false)).map(p, 'pod') +
    variables.containers.map(cs, cs.filter(c,
    c.?securityContext.?privileged.orValue(false) ||
    c.?securityContext.?allowPrivilegeEscalation.orValue(false) ||
    c.?securityContext.?capabilities.?add.orValue([]) != [] ||
    c.?securityContext.?procMount.orValue('Default') != 'Default' ||
    c.?securityContext.?windowsOptions.?hostProcess.orValue(false) ||
    c.?ports.orValue([]).exists(p, p.?hostPort.orValue(0) != 0)).map(c, 'container').join('\n'))
    .filter(c, c != '')
- name: unlimited # whether a pod has a container without a limit of memory
  expression: >-
    variables.kind == 'Pod' &&
    variables.containers.exists(cs, cs.exists(c, !c.?resources.?limits.?memory.hasValue()))
- name: placed # whether nodes are chosen by more than nodeSelector
  expression: >-
    variables.pods.exists(p, (variables.kind != 'Pod' && p.?nodeName.hasValue()) ||
    p.?affinity.?nodeAffinity.hasValue())
- name: quantities # by what of, asked for by containers and pods
  expression: >-
    {'cpu': variables.requirements.map(rs, rs.map(r, [r.?requests.?cpu, r.?limits.?cpu]
    .filter(q, q.hasValue()).map(q, string(q.value())).join('\n')).join('\n')),
    'memory': variables.requirements.map(rs, rs.map(r, [r.?requests.?memory, r.?limits.?memory]
    .filter(q, q.hasValue()).map(q, string(q.value())).join('\n')).join('\n'))}
- name: active # empty where nothing is said
  expression: >-
    string(variables.spec.?deadlines.?active.orValue(''))
- name: idle
  expression: >-
    string(variables.spec.?idleTimeout.orValue(''))
{{- end }}

{{- /* The same, where a null of a template, which takes a default away, is as if it were not there. */}}
{{- define "daskflow.policy.nullsLeftOut" -}}
{{- $there := ".?${1}.optFlatMap(z, z == null ? optional.none() : optional.of(z))" }}
{{- regexReplaceAll "\\.\\?(\\w+)" (include "daskflow.policy.variables" .) $there | trim }}
{{- end }}

{{- /* Who is bound, as conditions. */}}
{{- define "daskflow.policy.bound" }}
{{- with .exemptUsers }}
- name: user-is-not-exempt
  expression: >-
    !(request.userInfo.username in {{ toJson . }})
{{- end }}
{{- with .exemptGroups }}
- name: group-is-not-exempt
  expression: >-
    !request.userInfo.groups.exists(g, g in {{ toJson . }})
{{- end }}
{{- end }}

{{- /* A duration of the API's as CEL's, which knows no days. */}}
{{- define "daskflow.policy.duration" -}}
({{ . }}.contains('d') ? duration(string(int({{ . }}.split('d')[0]) * 24) + 'h') + ({{ . }}.endsWith('d') ? duration('0s') : duration({{ . }}.split('d')[1])) : duration({{ . }}))
{{- end }}
{{- define "daskflow.policy.limit" -}}
{{- $days := regexFind "^[0-9]+d" . -}}
duration('{{ if $days }}{{ mul (trimSuffix "d" $days) 24 }}h{{ end }}{{ trimPrefix $days . }}')
{{- end }}

{{- /* Workers of groups, as `count` of the API's Workers has it. */}}
{{- define "daskflow.policy.count" -}}
variables.groups.map(g,
    g.?autoscale.hasValue() ? int(g.autoscale.maximum) : !g.?total.hasValue() ? int(g.?replicas.orValue(2)) :
    [[int(g.total.?cores.orValue(0))].map(cores,
    [quantity(string(g.?threads.or(g.?resources.?requests.?cpu).or(g.?resources.?limits.?cpu).orValue(1)))
    .asApproximateFloat()].map(t, int(t) + (double(int(t)) < t ? 1 : 0))
    .map(t, t < 1 ? 1 : t).map(t, (cores + t - 1) / t)[0])[0],
    !g.total.?memory.hasValue() ? 0 :
    [g.?resources.?limits.?memory.or(g.?resources.?requests.?memory)].map(m, !m.hasValue() ? 1000000 :
    [quantity(string(g.total.memory)).asApproximateFloat() / quantity(string(m.value())).asApproximateFloat()]
    .map(n, int(n) + (double(int(n)) < n ? 1 : 0))[0])[0]].max()).sum()
{{- end }}
