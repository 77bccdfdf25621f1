; Power-on: from the reset vector to INT 19h. A processor reset with a shutdown code in CMOS goes on elsewhere
; (AT Technical Reference, "Shutdown"): that is how a 286 comes back from protected mode.

bda_segment:    dw 0x40
zero_word:      dw 0

post:
        cli
        cld
        mov al, 0x80 | cmos_shutdown    ; bit 7 keeps NMI out while nothing is set up
        out port_cmos_index, al
        io_delay
        in al, port_cmos_data
        mov bl, al
        mov al, 0x80 | cmos_shutdown
        out port_cmos_index, al
        io_delay
        mov al, 0                       ; the code counts once
        out port_cmos_data, al
        mov bh, 0
        cmp bl, (shutdown_codes.end - shutdown_codes) / 2
        jae power_on
        shl bx, 1
        jmp [cs:bx + shutdown_codes]

shutdown_codes:
        dw power_on, power_on, power_on, power_on
        dw shutdown_boot                ; 04 boot again
        dw shutdown_jump_eoi            ; 05 through 0040:0067, keyboard and interrupt controllers made ready
        dw power_on, power_on, power_on
        dw move_286_back                ; 09 the end of INT 15h AH=87h
        dw shutdown_jump                ; 0A through 0040:0067
        dw shutdown_iret                ; 0B interrupt return on the stack at 0040:0067
        dw shutdown_retf                ; 0C far return on the stack at 0040:0067
.end:

shutdown_boot:
        xor ax, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        int 0x19

shutdown_jump_eoi:
        in al, port_keyboard
        test al, 1
        jz .empty
        in al, port_keyboard_data
.empty:
        mov al, 0x20
        out port_pic2, al
        out port_pic1, al
shutdown_jump:
        mov ds, [cs:bda_segment]
        jmp far [bda.restart]
shutdown_iret:
        mov ds, [cs:bda_segment]
        mov ss, [bda.restart + 2]
        mov sp, [bda.restart]
        iret
shutdown_retf:
        mov ds, [cs:bda_segment]
        mov ss, [bda.restart + 2]
        mov sp, [bda.restart]
        retf

power_on:
        mov al, 0x01
        out port_post, al
        mov al, 0xff                    ; no interrupt, no DMA, no sound
        out port_pic1_mask, al
        out port_pic2_mask, al
        out 0x0d, al                    ; both DMA controllers: master clear
        out 0xda, al
        mov al, 0x04
        out port_b, al                  ; parity checks as the AT leaves them until memory is known
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        mov si, [0x400 + bda.reset_flag]
        mov di, 0x400                   ; the data area, and 0050:0000 behind it
        mov cx, 0x110 / 2
        rep stosw
        mov [0x400 + bda.reset_flag], si
        mov al, 0x02
        out port_post, al
        call init_vectors
        call init_interrupts
        call init_timer
        call init_dma
        call init_memory
        call init_data_areas
        call find_cpu
        call init_apic
        call init_memory_types
        call init_pci
        call find_fpu
        call a20_off
        call init_controller
        call init_rtc
        mov al, 0x03
        out port_post, al
        sti
        call init_video
        call show_title
        mov al, 0x04
        out port_post, al
        call find_serial_ports
        call find_parallel_ports
        call find_game_port
        call init_floppies
        call init_disks
        call init_cd
        mov al, 0x05
        out port_post, al
        call finish_keyboard
        call init_mouse
        call show_devices
        call init_option_roms
        call set_ticks_from_rtc
        mov ds, [cs:bda_segment]
        mov word [bda.reset_flag], 0
        mov al, 0x06
        out port_post, al
        mov al, cmos_status_d           ; an index without bit 7 lets NMI through again
        out port_cmos_index, al
        io_delay
        in al, port_cmos_data
        int 0x19

; Every vector leads somewhere harmless before anything may interrupt.
init_vectors:
        push cs
        pop ds
        xor di, di
        mov es, di
        mov cx, 0x60
.default:
        mov ax, just_return
        stosw
        mov ax, cs
        stosw
        loop .default
        xor ax, ax                      ; 60h-67h belong to users: zero
        mov cx, 8 * 2
        rep stosw
        mov cx, 8
.default2:
        mov ax, just_return
        stosw
        mov ax, cs
        stosw
        loop .default2
        xor ax, ax                      ; 70h-FFh
        mov cx, 0x90 * 2
        rep stosw
        mov si, vectors_08_to_1f
        mov di, 0x08 * 4
        mov cx, 0x18
        call .copy
        mov word [es:0x1f * 4 + 2], 0   ; the upper half of the 8x8 font: the video ROM sets it
        mov si, vectors_70_to_77
        mov di, 0x70 * 4
        mov cx, 8
        call .copy
        mov word [es:0x02 * 4], nmi
        mov word [es:0x05 * 4], int05
        mov word [es:0x40 * 4], int13_floppy
        mov word [es:0x42 * 4], video_service
        mov word [es:0x4a * 4], just_return
        mov word [es:0x41 * 4], ebda.disk_table_0       ; the segments follow when memory is known
        mov word [es:0x46 * 4], ebda.disk_table_1
        ret
.copy:
        movsw
        mov ax, cs
        stosw
        loop .copy
        ret

; The keyboard buffer, time-outs and the extended area at the top of base memory.
init_data_areas:
        mov ds, [cs:bda_segment]
        mov ax, bda.keys
        mov [bda.key_head], ax
        mov [bda.key_tail], ax
        mov [bda.keys_start], ax
        mov word [bda.keys_end], bda.keys + 32
        mov word [bda.lpt_timeout], 0x1414
        mov word [bda.lpt_timeout + 2], 0x1414
        mov word [bda.com_timeout], 0x0101
        mov word [bda.com_timeout + 2], 0x0101
        mov byte [bda.keyboard], 0x10
        mov byte [bda.motor_ticks], 0
        mov ax, [bda.memory_kb]         ; 640: the extended area is its last KiB
        dec ax
        mov [bda.memory_kb], ax
        mov cl, 6
        shl ax, cl
        mov [bda.ebda], ax
        mov es, ax
        xor di, di
        xor ax, ax
        mov cx, 1024 / 2
        rep stosw
        mov byte [es:ebda.size], 1
        mov byte [es:ebda.typematic], 0x2b      ; what a keyboard does after reset: 10.9/s after 500 ms
        mov ax, es
        mov es, [cs:zero_word]
        mov [es:0x41 * 4 + 2], ax
        mov [es:0x46 * 4 + 2], ax
        mov al, cmos_equipment          ; bits 4-5: the initial video mode
        call cmos_read
        and al, 0x30
        cmp al, 0x30
        je .mono
        mov al, 0x20                    ; 80 columns in colour, also for what has its own ROM
.mono:
        mov ah, 0
        mov [bda.equipment], ax
        ret
