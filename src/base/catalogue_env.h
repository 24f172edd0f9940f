/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue's rows for the machine itself: what assay doctor checks. The section names the item of the specification's
 * chapter 5; several rows may be of one item, where what is configured and what is in effect are two things. Columns as in
 * catalogue.h. */
#ifndef BASE_CATALOGUE_ENV_H
#define BASE_CATALOGUE_ENV_H

#define ENV_SECTION "environment "

#define ENV_CHECKS(X)                                                                                                  \
	X(PLATFORM_MACHINE, "platform.machine", REQUIRED, "x86-64 with UEFI",                                          \
		"TDX needs both; all that follows assumes them.",                                                      \
		"Another processor, or firmware of the old kind.",                                                     \
		"Start an image that boots by UEFI, on an x86-64 type.",                                               \
		ENV_SECTION "PLAT-01")                                                                                 \
	X(PLATFORM_TYPE, "platform.type", OPTIONAL, "instance type and devices agree",                                 \
		"Fewer devices than the type promises means that one was lost, even if the rest is healthy.",          \
		"The devices on the bus are not those of the instance type.",                                          \
		"Stop and start the instance; if it stays, open a ticket with the cloud.",                             \
		ENV_SECTION "PLAT-02")                                                                                 \
	X(PLATFORM_OS, "platform.os", OPTIONAL, "operating system that the cloud supports",                            \
		"Others lack swiotlb=,any or kernel crypto, which shows late.",                                        \
		"The cloud supports another system for this family.",                                                  \
		"Use Alibaba Cloud Linux 3, or go on and judge by what is measured.",                                  \
		ENV_SECTION "PLAT-03")                                                                                 \
	X(PLATFORM_ROOM, "platform.room", OPTIONAL, "room on disk",                                                    \
		"Installers stop half-way and initramfs are cut when a disk is full: then nothing boots.",             \
		"Too little is free for driver, toolkit or initramfs.",                                                \
		"Make room, or set TMPDIR to a larger disk while installing.",                                         \
		ENV_SECTION "PLAT-04")                                                                                 \
	X(PLATFORM_CLOCK, "platform.clock", OPTIONAL, "the clock is synchronised",                                     \
		"Certificates and revocation are judged by it, and a guest starts with the host's time.",              \
		"The kernel says that nobody keeps the clock right.",                                                  \
		"Enable chronyd or systemd-timesyncd, and chrony-wait or systemd-time-wait-sync.",                     \
		ENV_SECTION "PLAT-05")                                                                                 \
	X(PLATFORM_PRIVILEGE, "platform.privilege", OPTIONAL,                                                          \
		"the checks may read what they need",                                                                  \
		"Without root some files stay closed, and in a container the host is not seen.",                       \
		"Some checks below could not be made.",                                                                \
		"Run assay doctor as root, on the machine itself.", ENV_SECTION "PLAT-06")                             \
	X(KERNEL_VERSION, "kernel.version", REQUIRED, "kernel at or above the floor",                                  \
		"What TDX, the bounce buffer and kernel crypto need starts at 5.10.134-18 on this line.",              \
		"The kernel is older: the GPU's session fails, or there is no TD device.",                             \
		"Install a newer kernel of Alibaba Cloud Linux 3 with dnf, and reboot into it.",                       \
		ENV_SECTION "KERN-01")                                                                                 \
	X(KERNEL_DEFAULT, "kernel.default", REQUIRED,                                                                  \
		"running, next and module's kernel are one",                                                           \
		"A kernel update without an NVIDIA module means no GPU after the next boot.",                          \
		"The kernel that boots next is another, or has no module.",                                            \
		"Build the module for that kernel, or set the former kernel as the default.",                          \
		ENV_SECTION "KERN-02")                                                                                 \
	X(KERNEL_FEATURES, "kernel.features", OPTIONAL,                                                                \
		"the kernel is built with what is needed",                                                             \
		"Outside the known line a version says nothing; its configuration does.",                              \
		"An option is off.",                                                                                   \
		"Use a kernel that has it; distributions' own usually do.",                                            \
		ENV_SECTION "KERN-03")                                                                                 \
	X(KERNEL_LOCKDOWN, "kernel.lockdown", OPTIONAL, "modules may be loaded",                                       \
		"Secure Boot and lockdown refuse modules that nobody signed.",                                         \
		"A module that is not signed by an enrolled key will be refused.",                                     \
		"Use the distribution's signed modules, or enrol the key that signs yours.",                           \
		ENV_SECTION "KERN-04")                                                                                 \
	X(BOOT_STYLE, "boot.style", OPTIONAL, "way in which arguments are set",                                        \
		"There are four, and setting the wrong one has no effect.",                                            \
		"Arguments are inside a signed image, or the way is not known.",                                       \
		"Build a new image with the arguments; a unified kernel image cannot be edited.",                      \
		ENV_SECTION "BOOT-01")                                                                                 \
	X(BOOT_SWIOTLB_CONFIGURED, "boot.swiotlb.configured", REQUIRED,                                                \
		"swiotlb= for the next boot",                                                                          \
		"With the default bounce buffer eight GPUs do not boot with a second card, and I/O fails under load.", \
		"An entry, or the place that new kernels inherit from, lacks swiotlb=4194304,any.",                    \
		"Run: grubby --update-kernel=ALL --args=\"swiotlb=4194304,any\", then reboot.",                        \
		ENV_SECTION "BOOT-02")                                                                                 \
	X(BOOT_SWIOTLB_EFFECTIVE, "boot.swiotlb.effective", REQUIRED,                                                  \
		"swiotlb= of the running kernel",                                                                      \
		"It shows whether the setting reached the kernel; how large the pool became is memory.swiotlb.",       \
		"The kernel was started without it, or with another value.",                                           \
		"Set it for the next boot, and reboot.", ENV_SECTION "BOOT-02")                                        \
	X(BOOT_CONFLICTS_CONFIGURED, "boot.conflicts.configured", OPTIONAL,                                            \
		"no harmful argument for the next boot",                                                               \
		"Some arguments turn off what is needed here.",                                                        \
		"A harmful argument will be there after the next boot.",                                               \
		"Take the argument out of the boot entries.", ENV_SECTION "BOOT-03")                                   \
	X(BOOT_CONFLICTS_EFFECTIVE, "boot.conflicts.effective", OPTIONAL,                                              \
		"no harmful argument now", "Some arguments turn off what is needed here.",                             \
		"The running kernel was started with a harmful argument.",                                             \
		"Take the argument out of the boot entries, and reboot.",                                              \
		ENV_SECTION "BOOT-03")                                                                                 \
	X(BOOT_CRASHKERNEL, "boot.crashkernel", OPTIONAL,                                                              \
		"the crash kernel does without swiotlb=",                                                              \
		"It would inherit the argument and reserve 8 GiB that it does not have.",                              \
		"kdump is on, and its command line keeps swiotlb=.",                                                   \
		"Run assay setup apply --kdump: it adds swiotlb to KDUMP_COMMANDLINE_REMOVE; or disable kdump.",       \
		ENV_SECTION "BOOT-04")                                                                                 \
	X(MEMORY_SIZE, "memory.size", OPTIONAL, "memory for the bounce buffer",                                        \
		"The pool is taken at boot and never given back.",                                                     \
		"The pool is more than a quarter of all memory.",                                                      \
		"Use a larger instance type.", ENV_SECTION "MEM-01")                                                   \
	X(MEMORY_SWIOTLB, "memory.swiotlb.effective", REQUIRED, "size of the bounce buffer",                           \
		"All I/O of a confidential guest goes through it; too small, it runs full.",                           \
		"The pool is smaller than 8 GiB, whatever the command line says.",                                     \
		"Set swiotlb=4194304,any on a kernel that knows \"any\", and reboot.",                                 \
		ENV_SECTION "MEM-02")                                                                                  \
	X(MEMORY_EXHAUSTION, "memory.exhaustion", OPTIONAL,                                                            \
		"the bounce buffer did not run full", "A full buffer means failed I/O.",                               \
		"The kernel's log has \"swiotlb buffer is full\", or the pool was nearly used up.",                    \
		"Raise the pool; if single mappings are over 256 KiB, the driver is at fault.",                        \
		ENV_SECTION "MEM-03")                                                                                  \
	X(IO_BUDGET, "io.budget", REQUIRED, "cards and disks fit the bounce buffer",                                   \
		"With eight GPUs and a small pool, one more card or disk keeps the instance from booting.",            \
		"The next restart may not boot.",                                                                      \
		"Detach further cards and data disks, set swiotlb, restart, verify 8 GiB, then attach.",               \
		ENV_SECTION "IO-01")                                                                                   \
	X(TD_GUEST, "td.guest", REQUIRED, "the guest is a TD",                                                         \
		"Without it the host reads the memory, and the rest is theatre.",                                      \
		"The processor does not say tdx_guest: an ordinary virtual machine.",                                  \
		"Create a confidential instance from an image that supports TDX.",                                     \
		ENV_SECTION "TDX-01")                                                                                  \
	X(TD_DEVICE, "td.device", REQUIRED, "device of the TDX guest driver",                                          \
		"Quotes are asked for through it.", "/dev/tdx_guest is not there.",                                    \
		"Run: modprobe tdx_guest (Ubuntu: install linux-modules-extra first).",                                \
		ENV_SECTION "TDX-02")                                                                                  \
	X(TD_QUOTE, "td.quote", OPTIONAL, "a way to a quote",                                                          \
		"Without a quote nobody outside can be convinced.",                                                    \
		"Neither configfs-tsm nor the device's own command is there.",                                         \
		"Mount configfs, or use a newer kernel; the host's quoting service is not seen from here.",            \
		ENV_SECTION "TDX-03")                                                                                  \
	X(TD_ATTRIBUTES, "td.attributes", REQUIRED, "a TD for production",                                             \
		"The host can read a debug TD's memory.",                                                              \
		"The TD's report says that it is a debug TD.",                                                         \
		"Start the instance without debug.", ENV_SECTION "TDX-04")                                             \
	X(TD_EVENTLOG, "td.eventlog", OPTIONAL, "event log of the firmware",                                           \
		"It explains what the registers measure.",                                                             \
		"CCEL is not there or cannot be read.",                                                                \
		"Use firmware that writes CCEL; read it as root.", ENV_SECTION "TDX-05")                               \
	X(PCI_TOPOLOGY, "pci.topology", REQUIRED, "devices on the bus",                                                \
		"On Hopper only one GPU alone, or eight with four switches, can be confidential.",                     \
		"The number of GPUs and switches is that of no profile.",                                              \
		"Stop and start the instance; if it stays, open a ticket with the cloud.",                             \
		ENV_SECTION "PCI-01")                                                                                  \
	X(PCI_DRIVER, "pci.driver", REQUIRED, "driver of each device",                                                 \
		"Another driver holds the device, and NVIDIA's cannot.",                                               \
		"A device is bound to another driver, or to none.",                                                    \
		"Unload or blacklist the other driver, install NVIDIA's, and reboot.",                                 \
		ENV_SECTION "PCI-02")                                                                                  \
	X(PCI_BARS, "pci.bars", REQUIRED, "address space of each device",                                              \
		"The driver talks to the device through it.",                                                          \
		"A region has no address: the host gave too small a window.",                                          \
		"Ask the operator for a larger 64-bit MMIO window.", ENV_SECTION "PCI-03")                             \
	X(PCI_REGISTERS, "pci.registers", OPTIONAL, "mode bits in the device",                                         \
		"They help when the driver does not start; they are no evidence.",                                     \
		"The device is in another mode, or cannot be read.",                                                   \
		"The host sets the mode; ask the operator.", ENV_SECTION "PCI-04")                                     \
	X(DRIVER_VERSION_CONFIGURED, "driver.version.configured", REQUIRED, "driver on disk",                          \
		"Kernel module and libraries must be of one version, and new enough.",                                 \
		"No driver, an old one, or two versions.",                                                             \
		"Install one driver, at least of the version wanted, from one source.",                                \
		ENV_SECTION "DRV-01")                                                                                  \
	X(DRIVER_VERSION_EFFECTIVE, "driver.version.effective", REQUIRED, "driver that runs",                          \
		"What is loaded decides, not what is on disk.",                                                        \
		"No driver is loaded, an old one, or another than on disk.",                                           \
		"Reboot after an update; else install the version wanted.",                                            \
		ENV_SECTION "DRV-01")                                                                                  \
	X(DRIVER_MODULE, "driver.module", REQUIRED, "module for each kernel in use",                                   \
		"Without it there is no GPU after the next boot.",                                                     \
		"A kernel in use has no NVIDIA module.",                                                               \
		"Run: dkms autoinstall -k KERNEL, or the driver's installer again.",                                   \
		ENV_SECTION "DRV-02")                                                                                  \
	X(DRIVER_OPEN, "driver.open", REQUIRED, "open kernel modules",                                                 \
		"Confidential computing needs the open flavour.",                                                      \
		"The proprietary flavour is loaded or on disk.",                                                       \
		"Install with --kernel-module-build-directory=kernel-open, or the packages with -open.",               \
		ENV_SECTION "DRV-03")                                                                                  \
	X(DRIVER_NOUVEAU_CONFIGURED, "driver.nouveau.configured", OPTIONAL,                                            \
		"nouveau is kept out", "It takes the GPU before NVIDIA's driver comes.",                               \
		"Nothing keeps nouveau from loading.",                                                                 \
		"Write \"blacklist nouveau\" and \"options nouveau modeset=0\" to /etc/modprobe.d/nouveau.conf.",      \
		ENV_SECTION "DRV-04")                                                                                  \
	X(DRIVER_NOUVEAU_EFFECTIVE, "driver.nouveau.effective", REQUIRED,                                              \
		"nouveau is not loaded", "It holds the GPU.", "The module is loaded.",                                 \
		"Blacklist it, rebuild the initramfs, and reboot.", ENV_SECTION "DRV-04")                              \
	X(DRIVER_BUILD, "driver.build", OPTIONAL, "what building a module needs",                                      \
		"The .run installer and DKMS compile the module.",                                                     \
		"Compiler, make or the kernel's headers are missing, or another compiler built the kernel.",           \
		"Install gcc, make and the headers of exactly this kernel.",                                           \
		ENV_SECTION "DRV-05")                                                                                  \
	X(DRIVER_INSTALL, "driver.install", OPTIONAL, "the installer came to its end",                                 \
		"A run that stopped half-way leaves a mixed driver.",                                                  \
		"The installer's log ends in an error.",                                                               \
		"Read /var/log/nvidia-installer.log, mend the cause, and install again.",                              \
		ENV_SECTION "DRV-06")                                                                                  \
	X(DRIVER_SOURCES, "driver.sources", OPTIONAL, "driver packages are verified",                                  \
		"The driver runs as root inside the trust boundary.",                                                  \
		"A package source of NVIDIA's is used without checking signatures.",                                   \
		"Set gpgcheck=1, or take trusted=yes out; pin the SHA-256 of downloads.",                              \
		ENV_SECTION "DRV-07")                                                                                  \
	X(DRIVER_TRAP, "driver.trap", REQUIRED, "no GPU is half-initialised",                                          \
		"Such a GPU cannot be initialised again in this virtual machine.",                                     \
		"The kernel's log shows a failed initialisation.",                                                     \
		"Stop and start the instance from the cloud's console; a reboot may not be enough.",                   \
		ENV_SECTION "DRV-08")                                                                                  \
	X(DRIVER_FIRMWARE, "driver.firmware", REQUIRED, "GSP firmware of the driver",                                  \
		"The driver loads it into the GPU.",                                                                   \
		"There is no firmware for the loaded version.",                                                        \
		"Install the firmware package of exactly this driver, or the driver again.",                           \
		ENV_SECTION "DRV-09")                                                                                  \
	X(DRIVER_NODES, "driver.nodes", REQUIRED, "device nodes",                                                      \
		"CUDA and attestation open them.", "A node is missing.",                                               \
		"Start nvidia-persistenced; nvidia-modprobe makes the nodes.",                                         \
		ENV_SECTION "DRV-10")                                                                                  \
	X(DRIVER_HOLDS, "driver.holds", OPTIONAL, "updates cannot move the driver",                                    \
		"An unattended update breaks attestation, and mixes versions.",                                        \
		"Updates run by themselves and nothing holds the driver.",                                             \
		"Hold driver, Fabric Manager, NSCQ and kernel together, or turn updates off.",                         \
		ENV_SECTION "DRV-11")                                                                                  \
	X(LKCA_ALGORITHMS, "lkca.algorithms", REQUIRED, "ECDSA and ECDH in the kernel",                                \
		"The driver authenticates the GPU with P-384 by the kernel's crypto.",                                 \
		"The algorithms are not registered, so the session fails.",                                            \
		"Load ecdsa_generic and ecdh_generic before nvidia; see lkca.rule.",                                   \
		ENV_SECTION "LKCA-01")                                                                                 \
	X(LKCA_RULE, "lkca.rule.configured", REQUIRED, "crypto modules load before nvidia",                            \
		"Loaded later they are too late.",                                                                     \
		"No rule of modprobe loads both before nvidia.",                                                       \
		"Write to /etc/modprobe.d/nvidia-lkca.conf: softdep nvidia pre: ecdsa_generic ecdh_generic",           \
		ENV_SECTION "LKCA-02")                                                                                 \
	X(LKCA_USED, "lkca.used", OPTIONAL, "the driver uses the kernel's crypto",                                     \
		"Built with stubs it cannot open a session.",                                                          \
		"The kernel's log says that stubs were found.",                                                        \
		"Use a newer driver, or an older kernel.", ENV_SECTION "LKCA-03")                                      \
	X(PPCIE_KEY_CONFIGURED, "ppcie.key.configured", REQUIRED,                                                      \
		"registry key for the next load",                                                                      \
		"It tells the driver to run all GPUs in protected PCIe.",                                              \
		"With eight GPUs the key is missing; with one it must not be there.",                                  \
		"Set RmEnableProtectedPcie=0x1 in NVreg_RegistryDwords, and rebuild the initramfs.",                   \
		ENV_SECTION "PPCIE-01")                                                                                \
	X(PPCIE_KEY_EFFECTIVE, "ppcie.key.effective", REQUIRED,                                                        \
		"registry key of the loaded driver",                                                                   \
		"Only what the driver was loaded with counts.",                                                        \
		"The loaded driver has another value.",                                                                \
		"Set the key, rebuild the initramfs, and reboot.", ENV_SECTION "PPCIE-01")                             \
	X(PPCIE_NVLINK, "ppcie.nvlink", OPTIONAL, "a single GPU does not wait for a fabric",                           \
		"A GPU alone may wait for a fabric that never comes: CUDA error 802.",                                 \
		"The fabric's state does not end on a single GPU.",                                                    \
		"One GPU: run assay setup apply --nvlink-off, then reboot. Eight: take NVreg_NvLinkDisable out.",      \
		ENV_SECTION "PPCIE-02")                                                                                \
	X(INITRAMFS_OPTIONS, "initramfs.options", REQUIRED,                                                            \
		"initramfs carries the module options",                                                                \
		"Where nvidia is loaded from it, files on the root disk come too late.",                               \
		"An initramfs is older than the options, or has others.",                                              \
		"Run: dracut --regenerate-all -f, or update-initramfs -u -k all; then reboot.",                        \
		ENV_SECTION "INIT-01")                                                                                 \
	X(SERVICE_PERSISTENCED_CONFIGURED, "service.persistenced.configured", REQUIRED,                                \
		"nvidia-persistenced's unit, in files",                                                                \
		"Keys and session live as long as the driver keeps the GPU initialised.",                              \
		"The unit is missing, or starts it with other options.",                                               \
		"Write a unit or drop-in that starts nvidia-persistenced --user root --uvm-persistence-mode.",         \
		ENV_SECTION "SVC-01")                                                                                  \
	X(SERVICE_PERSISTENCED_EFFECTIVE, "service.persistenced.effective", REQUIRED,                                  \
		"nvidia-persistenced, as systemd knows it",                                                            \
		"What systemd has loaded counts, not the file.",                                                       \
		"systemd does not know the unit, or with other options.",                                              \
		"Run: systemctl daemon-reload; do not restart a running one.",                                         \
		ENV_SECTION "SVC-01")                                                                                  \
	X(SERVICE_TYPE, "service.type", REQUIRED, "type and user of the unit fit",                                     \
		"A daemon that forks under another type is killed or waited for.",                                     \
		"Type is not forking, or the user does not exist.",                                                    \
		"Set Type=forking; create the user that the unit names.",                                              \
		ENV_SECTION "SVC-02")                                                                                  \
	X(SERVICE_TIMEOUT_CONFIGURED, "service.timeout.configured", REQUIRED,                                          \
		"start time-out, in files",                                                                            \
		"Eight GPUs take minutes; a start that is killed half-way ruins them.",                                \
		"TimeoutStartSec is too short.",                                                                       \
		"Set TimeoutStartSec=900 in a drop-in of nvidia-persistenced.service.",                                \
		ENV_SECTION "SVC-03")                                                                                  \
	X(SERVICE_TIMEOUT_EFFECTIVE, "service.timeout.effective", REQUIRED,                                            \
		"start time-out, as systemd knows it",                                                                 \
		"Eight GPUs take minutes; a start that is killed half-way ruins them.",                                \
		"TimeoutStartUSec is too short.",                                                                      \
		"Set TimeoutStartSec=900 in a drop-in, and run systemctl daemon-reload.",                              \
		ENV_SECTION "SVC-03")                                                                                  \
	X(SERVICE_ENABLED, "service.enabled", REQUIRED, "nvidia-persistenced starts at boot",                          \
		"Without it the first GPU program is the one that ends the session.",                                  \
		"The unit is not enabled.",                                                                            \
		"Run: systemctl enable nvidia-persistenced.service", ENV_SECTION "SVC-04")                             \
	X(SERVICE_READY, "service.ready", REQUIRED, "the GPU stack has started",                                       \
		"Before that any question to the driver disturbs the start.",                                          \
		"The service is not active, or still starting.",                                                       \
		"Start nvidia-persistenced.service, or wait: assay doctor --wait.",                                    \
		ENV_SECTION "SVC-05")                                                                                  \
	X(SERVICE_RESTART, "service.restart", OPTIONAL, "units on disk are those that run",                            \
		"A restart to pick up a change ends the work and may ruin the GPUs.",                                  \
		"The unit changed on disk since systemd read it.",                                                     \
		"Run systemctl daemon-reload; the change takes effect with the next boot.",                            \
		ENV_SECTION "SVC-06")                                                                                  \
	X(SERVICE_ORDER, "service.order", REQUIRED, "GPU users start after the GPU",                                   \
		"What opens the GPU too early fails, or disturbs its start.",                                          \
		"A service is not ordered behind nvidia-persistenced.",                                                \
		"Add a drop-in with After=nvidia-persistenced.service to each.",                                       \
		ENV_SECTION "SVC-07")                                                                                  \
	X(SERVICE_CONSUMERS, "service.consumers", OPTIONAL,                                                            \
		"GPU users stop where there is no GPU",                                                                \
		"Ordering alone does not hold a service back when the GPU failed.",                                    \
		"Services would start without a ready GPU.",                                                           \
		"Add Requires=nvidia-persistenced.service where that matters.",                                        \
		ENV_SECTION "SVC-08")                                                                                  \
	X(SERVICE_CLOUDMONITOR, "service.cloudmonitor", OPTIONAL,                                                      \
		"CloudMonitor is quiet while drivers are installed",                                                   \
		"Its agent asks the GPUs.", "It runs, and the driver is not installed yet.",                           \
		"Stop it before installing, and restore what it was afterwards.",                                      \
		ENV_SECTION "SVC-09")                                                                                  \
	X(SERVICE_FABRICMANAGER_CONFIGURED, "service.fabricmanager.configured", REQUIRED,                              \
		"Fabric Manager, in files",                                                                            \
		"With switches nothing works without it; without them it fails.",                                      \
		"It is missing, of another version, disabled, or enabled where it must not be.",                       \
		"Install the package of exactly the driver's version, and enable it.",                                 \
		ENV_SECTION "SVC-10")                                                                                  \
	X(SERVICE_FABRICMANAGER_EFFECTIVE, "service.fabricmanager.effective", REQUIRED,                                \
		"Fabric Manager, running",                                                                             \
		"CUDA fails with error 802 until every GPU has joined the fabric.",                                    \
		"It is not active, or a GPU has not joined.",                                                          \
		"Start nvidia-fabricmanager.service; its version must be the driver's.",                               \
		ENV_SECTION "SVC-10")                                                                                  \
	X(SERVICE_AUTOLOAD, "service.autoload", OPTIONAL,                                                              \
		"udev loads nvidia with its options",                                                                  \
		"Options that come after the load have no effect.",                                                    \
		"The driver was loaded before its options were there.",                                                \
		"Rebuild the initramfs with the options in it, and reboot.",                                           \
		ENV_SECTION "SVC-11")                                                                                  \
	X(CC_FEATURE, "cc.feature", REQUIRED, "confidential computing is on",                                          \
		"Off, the GPU's memory is open to the host.", "The driver says off.",                                  \
		"The host sets the mode: open a ticket with the cloud.", ENV_SECTION "CC-01")                          \
	X(CC_MULTIGPU, "cc.multigpu", REQUIRED, "protected PCIe is on",                                                \
		"Eight GPUs are confidential in this mode only; the plain feature says OFF then, and that is normal.", \
		"The driver says none, or another mode.",                                                              \
		"Check the registry key and the initramfs; else the host sets the mode.",                              \
		ENV_SECTION "CC-02")                                                                                   \
	X(CC_DEVTOOLS, "cc.devtools", REQUIRED, "developer tools mode is off",                                         \
		"In that mode the GPU's memory can be looked into.", "The driver says on.",                            \
		"Have the operator switch the GPU to CC mode proper.", ENV_SECTION "CC-03")                            \
	X(CC_ENVIRONMENT, "cc.environment", REQUIRED, "environment is production",                                     \
		"A simulation protects nothing.",                                                                      \
		"The driver says simulation or nothing, or names another processor technology than TDX.",              \
		"Use production hardware; ask the operator.", ENV_SECTION "CC-04")                                     \
	X(CC_READY, "cc.ready", REQUIRED, "the GPUs accept work",                                                      \
		"Programs fail with CUDA error 802 until the ready state is set.",                                     \
		"The ready state is 0.",                                                                               \
		"Run assay attest, which sets it when everything holds; assay ready set does it unconditionally.",     \
		ENV_SECTION "CC-05")                                                                                   \
	X(CC_MEMORY, "cc.memory", OPTIONAL, "protected memory of each GPU",                                            \
		"What is not protected is in the open.",                                                               \
		"A part of the memory is not protected.",                                                              \
		"The host sets it; ask the operator.", ENV_SECTION "CC-06")                                            \
	X(CC_ERRORS, "cc.errors", REQUIRED, "no fatal error of a GPU",                                                 \
		"After one the GPU's session is gone.",                                                                \
		"The kernel's log has a fatal Xid, SXid or confidential-computing error.",                             \
		"Stop and start the instance; if it stays, open a ticket with the cloud.",                             \
		ENV_SECTION "CC-07")                                                                                   \
	X(CC_SET, "cc.set", OPTIONAL, "the same GPUs as on the bus",                                                   \
		"A result holds for the devices that were asked, and for no others.",                                  \
		"The driver knows other GPUs than the bus, or one was lost.",                                          \
		"Stop and start the instance, then attest again.", ENV_SECTION "CC-08")                                \
	X(CUDA_TOOLKIT, "cuda.toolkit", OPTIONAL, "CUDA toolkit",                                                      \
		"Needed to build programs only; wheels and containers bring their own.",                               \
		"Another release than the one that goes with the driver.",                                             \
		"Install the toolkit of the matrix, without its driver.",                                              \
		ENV_SECTION "CUDA-01")                                                                                 \
	X(CUDA_CUBLAS, "cuda.cublas", OPTIONAL, "cuBLAS without the CC fault",                                         \
		"The one of CUDA 12.4 fails in CC mode.",                                                              \
		"A Python environment has another nvidia-cublas-cu12.",                                                \
		"Run in that environment: pip install nvidia-cublas-cu12==12.4.5.8",                                   \
		ENV_SECTION "CUDA-02")                                                                                 \
	X(CUDA_OPENSSL, "cuda.openssl", REQUIRED, "OpenSSL 3 for CUDA's encryption",                                   \
		"CUDA's helper needs libcrypto.so.3, in CC mode only.",                                                \
		"The library or the helper is missing.",                                                               \
		"Install openssl3 (dnf install openssl3), or the driver again.",                                       \
		ENV_SECTION "CUDA-03")                                                                                 \
	X(CUDA_LIMITS, "cuda.limits", OPTIONAL, "nothing is on that cannot work in CC mode",                           \
		"GPUDirect, peer-to-peer on one GPU, MIG and profilers do not work there.",                            \
		"A module of such a feature is loaded.",                                                               \
		"Do without: unload it at the next boot.", ENV_SECTION "CUDA-04")                                      \
	X(CONTAINER_TOOLKIT, "container.toolkit", OPTIONAL, "container devices are described",                         \
		"A container gets the GPUs that the description lists.",                                               \
		"The description is missing, older than this boot, or lists other GPUs.",                              \
		"Run: nvidia-ctk cdi generate --output=/var/run/cdi/nvidia.yaml, after the start.",                    \
		ENV_SECTION "CONT-01")                                                                                 \
	X(ATTESTATION_GPU, "attestation.gpu", REQUIRED, "GPUs answer",                                                 \
		"Evidence comes by the same way.",                                                                     \
		"The driver's library does not open, or a GPU does not answer.",                                       \
		"Install libnvidia-ml of the driver's version; assay collect tells more.",                             \
		ENV_SECTION "ATT-01")                                                                                  \
	X(ATTESTATION_SWITCH, "attestation.switch", REQUIRED, "NVSwitches answer",                                     \
		"With eight GPUs the switches must be attested too.",                                                  \
		"libnvidia-nscq is absent, of another version, or finds other switches.",                              \
		"Install libnvidia-nscq of exactly the driver's version.",                                             \
		ENV_SECTION "ATT-02")                                                                                  \
	X(ATTESTATION_TOPOLOGY, "attestation.topology", OPTIONAL,                                                      \
		"GPUs and switches name each other",                                                                   \
		"Only what they sign shows that the set is complete.",                                                 \
		"Judged by assay attest, from signed evidence.", "Run: assay attest",                                  \
		ENV_SECTION "ATT-03")                                                                                  \
	X(ATTESTATION_EGRESS, "attestation.egress", OPTIONAL, "where collateral comes from",                           \
		"Golden values and revocation come from NVIDIA, from a mirror, or from a bundle.",                     \
		"What is configured cannot work.",                                                                     \
		"Give mirrors by environment or configuration, or bring a bundle.",                                    \
		ENV_SECTION "ATT-04")                                                                                  \
	X(ATTESTATION_MANIFESTS, "attestation.manifests", OPTIONAL,                                                    \
		"reference manifests exist",                                                                           \
		"A driver that works is not always one that attests.",                                                 \
		"Judged by assay gather and assay attest.",                                                            \
		"Run: assay gather, with the ids that are named here, before you choose a driver.",                    \
		ENV_SECTION "ATT-05")                                                                                  \
	X(ATTESTATION_PYTHON, "attestation.python", OPTIONAL, "Python verifiers",                                      \
		"They are not needed, and their old line is out of support.",                                          \
		"An old verifier is installed, or the system's python3 was switched.",                                 \
		"Use a virtual environment; never switch the system's python3.",                                       \
		ENV_SECTION "ATT-06")                                                                                  \
	X(NETWORK_ROUTES, "network.routes", OPTIONAL, "where downloads come from",                                     \
		"Driver and packages have to come from somewhere.",                                                    \
		"No package source is configured.",                                                                    \
		"Configure a mirror, or bring the files with their pinned digests.",                                   \
		ENV_SECTION "NET-01")

#endif
