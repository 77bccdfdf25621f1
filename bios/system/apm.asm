; INT 15h AH=53h: Advanced Power Management 1.2, the real-mode interface.

apm_disabled            equ 0x01
apm_connected           equ 0x02
apm_not_connected       equ 0x03
apm_no_device           equ 0x09
apm_bad_value           equ 0x0a
apm_unsupported         equ 0x0c
apm_no_event            equ 0x80
apm_no_power_state      equ 0x60

int15_apm:
        es_ebda
        cmp al, (.functions_end - .functions) / 2
        jae .unsupported
        mov ah, 0
        mov si, ax
        shl si, 1
        mov byte [caller_ah], 0
        jmp [cs:si + .functions]
.functions:
        dw .installed, .connect, .unsupported, .unsupported, .disconnect, .idle, .busy, .set_power
        dw .enable, .good, .get_power, .get_event, .get_state, .get_enabled, .version, .engage, .capabilities
.functions_end:

.unsupported:
        mov al, apm_unsupported
        cmp byte [caller_al], 2         ; 16- and 32-bit protected mode have errors of their own
        mov ah, 0x06
        je .mode
        cmp byte [caller_al], 3
        mov ah, 0x08
        jne .error
.mode:
        mov al, ah
.error:
        mov [caller_ah], al
        or byte [caller_flags], carry_flag
        ret
.good:
        ret

.installed:
        cmp word [caller_bx], 0
        jne .no_device
        mov word [caller_ax], 0x0102
        mov word [caller_bx], 'P' << 8 | 'M'
        mov word [caller_cx], 0         ; no protected-mode interfaces; HLT does not slow the clock
        ret
.no_device:
        mov al, apm_no_device
        jmp .error
.connect:
        test byte [es:ebda.apm], 1
        mov al, apm_connected
        jnz .error
        or byte [es:ebda.apm], 1
        ret
.disconnect:
        test byte [es:ebda.apm], 1
        mov al, apm_not_connected
        jz .error
        and byte [es:ebda.apm], 0xfe
        ret
.idle:
        cli
        call idle
        ret
.busy:
        ret
.set_power:                             ; BX = device, CX = state: 1 standby, 2 suspend, 3 off
        mov bx, [caller_bx]
        cmp bx, 0x0001
        jne .device_power
        cmp word [caller_cx], 3
        je power_off
        ja .bad_value
        cli
        call idle                       ; standby and suspend last until something happens
        ret
.device_power:
        mov al, apm_no_device
        cmp bh, 0x01                    ; displays, disks and the like have no states to enter
        jb .error
        mov al, apm_no_power_state
        jmp .error
.bad_value:
        mov al, apm_bad_value
        jmp .error
.enable:
        mov ax, [caller_cx]
        cmp ax, 1
        ja .bad_value
        ret
.get_power:                             ; on line, no battery
        mov word [caller_bx], 0x01ff
        mov word [caller_cx], 0x80ff
        mov word [caller_dx], 0xffff
        ret
.get_event:
        mov al, apm_no_event
        jmp .error
.get_state:
        cmp word [caller_bx], 0x0001
        jne .no_device
        mov word [caller_cx], 0
        ret
.get_enabled:
        mov word [caller_cx], 1
        ret
.version:
        test byte [es:ebda.apm], 1
        mov al, apm_not_connected
        jz .error
        mov word [caller_ax], 0x0102
        ret
.engage:
        ret
.capabilities:
        mov word [caller_bx], 0x0000    ; no batteries
        mov word [caller_cx], 0
        ret

; By the port that firmware of virtual machines uses, then as ACPI's PM1a control would; what still runs halts.
power_off:
        cli
        mov ax, 0xf000
        mov ds, ax
        mov si, .word
        mov dx, 0x8900
        mov cx, 8
.letter:
        lodsb
        out dx, al
        loop .letter
        mov dx, 0x604
        mov ax, 0x2000
        out dx, ax
.stop:
        hlt
        jmp .stop
.word:  db "Shutdown"
