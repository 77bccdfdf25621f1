; INT 13h for floppies (INT 40h). Drive DI = 0 or 1, DS = 40h, BP = the caller's registers; each function returns its
; status in AH.
;
; Motors are not waited for: a disk that is still starting shows as a failed READ ID, and those are repeated.

int13_floppy:
        service_entry
        sti
        and byte [caller_flags], ~carry_flag
        cmp ah, 0x01
        je .last_status
        cmp ah, (floppy_functions.end - floppy_functions) / 2
        jae .bad
        mov bl, ah
        mov bh, 0
        shl bx, 1
        mov al, dl
        mov ah, 0
        mov di, ax
        call [cs:bx + floppy_functions]
.finish:
        mov [bda.floppy_status], ah
        mov [caller_ah], ah
        test ah, ah
        jz .exit
.carry:
        or byte [caller_flags], carry_flag
.exit:
        service_exit
.bad:
        mov ah, disk_bad_command
        jmp .finish
.last_status:
        mov ah, [bda.floppy_status]
        mov [caller_ah], ah
        test ah, ah
        jnz .carry
        jmp .exit

floppy_functions:
        dw floppy_reset, floppy_bad, floppy_read, floppy_write, floppy_verify, floppy_format, floppy_bad, floppy_bad
        dw floppy_geometry, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad
        dw floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_kind, floppy_change, floppy_set_kind
        dw floppy_set_media
.end:

floppy_bad:
        mov ah, disk_bad_command
        ret

; ---- the drives ----

; What a drive of each CMOS type holds at most: last cylinder, sectors; rates to try for an unknown disk, best first, and
; where in floppy_formats its own format stands.
floppy_drives:
        db 39, 9,  2, 0xff, 0xff, 1             ; 1: 360K
        db 79, 15, 0, 1, 2, 3                   ; 2: 1.2M
        db 79, 9,  2, 0xff, 0xff, 4             ; 3: 720K
        db 79, 18, 0, 2, 0xff, 5                ; 4: 1.44M
        db 79, 36, 3, 0, 2, 6                   ; 5: 2.88M
        db 79, 36, 3, 0, 2, 6                   ; 6: 2.88M
floppy_drive_bytes equ 6
floppy_types    equ 6

; Formats for AH=18h and AH=08h: last cylinder, sectors, rate (bit 7: double step), drive types (bits), then the table
; of INT 1Eh for it.
%macro floppy_format_entry 7
        db %1, %2, %3, %4
        db 0xaf, 0x02, 0x25, 0x02, %2, %5, 0xff, %6, 0xf6, 15, %7
%endmacro
floppy_format_bytes equ 15
floppy_formats:
        floppy_format_entry 39, 8,  2, 0b0000010, 0x2a, 0x50, 8         ; 0: 320K
        floppy_format_entry 39, 9,  2, 0b0000010, 0x2a, 0x50, 8         ; 1: 360K
        floppy_format_entry 39, 9,  0x81, 0b0000100, 0x23, 0x50, 8      ; 2: 360K in a 1.2M drive
        floppy_format_entry 79, 15, 0, 0b0000100, 0x1b, 0x54, 8         ; 3: 1.2M
        floppy_format_entry 79, 9,  2, 0b1111000, 0x2a, 0x50, 8         ; 4: 720K
        floppy_format_entry 79, 18, 0, 0b1110000, 0x1b, 0x6c, 8         ; 5: 1.44M
        floppy_format_entry 79, 36, 3, 0b1100000, 0x1b, 0x53, 8         ; 6: 2.88M
floppy_formats_count equ 7

; AL = CMOS type of drive DI, 0 if there is none. Changes AX only.
floppy_drive_type:
        cmp di, 2
        mov al, 0
        jae .done
        push ds
        ds_ebda
        mov al, [di + ebda.floppy_type]
        pop ds
.done:
        ret

; SI = the drive's entry in floppy_drives, AL = its type. Carry: there is no such drive.
floppy_drive_entry:
        call floppy_drive_type
        cmp al, 1
        jc .done
        cmp al, floppy_types
        jbe .known
        mov al, 4
.known:
        push ax
        dec ax
        mov ah, floppy_drive_bytes
        mul ah
        add ax, floppy_drives
        mov si, ax
        pop ax
        clc
.done:
        ret

; From CMOS, at power-on.
init_floppies:
        mov ds, [cs:bda_segment]
        mov al, cmos_floppies
        call cmos_read
        mov ah, al
        and ah, 0x0f
        mov cl, 4
        shr al, cl
        es_ebda
        mov [es:ebda.floppy_type], ax
        xor bx, bx
        test al, al
        jz .no_a
        mov bl, 0x01
        test ah, ah
        jz .count
        mov bl, 0x41
        jmp .count
.no_a:
        test ah, ah
        jz .count
        mov bl, 0x01
.count:
        or [bda.equipment], bl
        test bl, bl
        jz .done
        mov byte [bda.floppy_kinds], 0x77
        mov byte [bda.fdc_result], 0
        call fdc_reset
.done:
        ret

; ---- making a drive ready ----

; Motor on, drive selected.
floppy_motor:
        push cx
        cli
        mov byte [bda.motor_ticks], 0xff
        mov cx, di
        mov al, 1
        shl al, cl
        mov ah, al
        or ah, [bda.motors]
        and ah, 0x0f                    ; one motor stays on while the other starts
        mov al, cl
        mov cl, 4
        shl al, cl
        or al, ah
        mov [bda.motors], al
        mov al, ah
        shl al, cl
        mov cx, di
        or al, cl
        or al, 0x0c
        mov dx, port_fdc_output
        out dx, al
        sti
        pop cx
        ret

; After an operation: the motor runs on for as long as the table says.
floppy_motor_later:
        push ax
        push bx
        mov bl, 2
        call floppy_parameter
        mov [bda.motor_ticks], al
        pop bx
        pop ax
        ret

; Data rate AL into the controller.
floppy_set_rate:
        push ax
        push cx
        push dx
        mov dx, port_fdc_input
        out dx, al
        mov cl, 6
        shl al, cl
        mov [bda.floppy_rate], al
        and al, 0xc0
        cmp al, 0xc0                    ; 1 Mb/s is recorded perpendicularly
        mov ah, 0x80
        jne .plain
        mov cx, di
        mov ah, 4
        shl ah, cl
        or ah, 0x80
.plain:
        call floppy_has_perpendicular
        jc .done
        mov al, fdc_cmd_perpendicular
        call fdc_out
        mov al, ah
        call fdc_out
.done:
        pop dx
        pop cx
        pop ax
        ret

; Carry: drive DI cannot record perpendicularly.
floppy_has_perpendicular:
        push ax
        call floppy_drive_type
        cmp al, 5
        pop ax
        ret

; READ ID on head 0. AH = status, carry if bad.
floppy_read_id:
        call fdc_expect
        mov al, fdc_cmd_read_id
        call fdc_out
        jc .hung
        mov ax, di
        call fdc_out
        jc .hung
        call fdc_wait
        jc .done
        call fdc_results
        jc .hung
        jmp fdc_status
.hung:
        call fdc_reset
        mov ah, disk_controller
        stc
.done:
        ret

; Selects drive DI, starts its motor, looks whether the disk was changed and what kind it is. AH = status, carry if bad.
floppy_ready:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        call floppy_motor
        call floppy_changed
        jnc .same_disk
        and byte [di + bda.floppy_media], 0xef
        call fdc_recalibrate            ; the change line falls with a step and a disk
        mov al, 1
        call fdc_seek
        mov al, 0
        call fdc_seek
        call floppy_changed
        mov ah, disk_timeout            ; no disk
        jc .done
        mov ah, disk_changed
        stc
        ret
.same_disk:
        test byte [di + bda.floppy_media], 0x10
        jz floppy_sense
        mov al, [di + bda.floppy_media]
        mov cl, 2
        rol al, cl
        and al, 0x03
        call floppy_set_rate
        mov ah, 0
        clc
.done:
        ret

; Carry: the change line of drive DI is active. A 360K drive has none.
floppy_changed:
        call floppy_drive_type
        cmp al, 2
        jb .no
        mov dx, port_fdc_input
        in al, dx
        shl al, 1
        ret
.no:
        clc
        ret

; Finds the rate at which the disk in drive DI can be read, and whether its tracks lie twice as far apart as the drive's.
floppy_sense:
        and byte [di + bda.floppy_media], 0x07
        call floppy_drive_entry
        mov al, 0
        call fdc_seek
        jc .done
        mov cx, 3
.rate:
        mov al, [cs:si + 2]
        inc si
        cmp al, 0xff
        je .next
        call floppy_set_rate
        push ax
        call floppy_read_id
        pop bx                          ; BL = rate
        jnc .found
        cmp ah, disk_timeout            ; no disk turns here
        je .bad
.next:
        loop .rate
        mov ah, disk_no_address_mark
.bad:
        stc
.done:
        ret
.found:
        mov bh, 0
        call floppy_drive_type
        cmp al, 2
        jne .single
        test bl, bl
        jz .single
        mov al, 2                       ; a 40-track disk has its cylinder 1 where the drive has 2
        call fdc_seek
        jc .single
        call floppy_read_id
        jc .single
        cmp byte [bda.fdc_result + 3], 1
        jne .single
        mov bh, 0x20
.single:
        call floppy_media_state
        mov [di + bda.floppy_media], al
        mov ah, 0
        clc
        ret

; AL = media state byte for rate BL, double step BH = 20h or 0, in drive DI.
floppy_media_state:
        call floppy_drive_type
        mov ah, 7
        cmp al, 3
        jae .known
        mov ah, 3                       ; 360K in its own drive
        cmp al, 1
        je .known
        mov ah, 5                       ; 1.2M
        test bl, bl
        jz .known
        mov ah, 4                       ; 360K in a 1.2M drive
.known:
        mov al, bl
        ror al, 1
        ror al, 1
        or al, bh
        or al, ah
        or al, 0x10
        ret

; ---- functions ----

floppy_reset:
        call floppy_drive_type
        and byte [bda.recalibrated], 0x70
        call fdc_reset
        jmp floppy_motor_later

floppy_read:
        mov al, 0x46                    ; to memory
        jmp floppy_transfer
floppy_write:
        mov al, 0x4a                    ; from memory
        jmp floppy_transfer
floppy_verify:
        mov al, 0
; AL = DMA mode, 0 for verify.
floppy_transfer:
        mov bh, al
        call floppy_drive_entry
        mov ah, disk_bad_command
        jc .fail_now
        mov cl, [caller_al]
        test cl, cl
        jz .fail_now
        test byte [caller_dh], 0xfe
        jnz .fail_now
        mov byte [bda.fdc_result + 6], 0
        push bx
        call floppy_ready
        pop bx
        jc .fail
        mov cx, 2                       ; attempts
.attempt:
        push cx
        call floppy_attempt
        pop cx
        jnc .good
        cmp ah, disk_write_protected
        je .fail
        cmp ah, disk_dma_boundary
        je .fail
        dec cx
        jz .fail
        push ax                         ; other disk, or heads astray: look again
        push bx
        mov cx, di
        mov al, 1
        shl al, cl
        not al
        and [bda.recalibrated], al
        call floppy_sense
        pop bx
        pop ax
        jc .fail
        mov cx, 1
        jmp .attempt
.good:
        mov ah, 0
        jmp floppy_motor_later
.fail:
        call floppy_moved
        jmp floppy_motor_later
.fail_now:
        mov byte [caller_al], 0
        ret

; After a failure: AL = sectors before it, by where the controller stopped. Keeps AH.
floppy_moved:
        push ax
        mov al, 0
        cmp ah, disk_timeout
        je .known
        cmp ah, disk_changed
        je .known
        cmp ah, disk_dma_boundary
        je .known
        cmp byte [bda.fdc_result + 6], 2        ; no result came at all
        jne .known
        mov al, [bda.fdc_result + 5]
        sub al, [caller_cl]
        mov ah, [bda.fdc_result + 4]
        cmp ah, [caller_dh]
        je .known
        push bx
        push ax
        mov bl, 4
        call floppy_parameter
        mov bl, al
        pop ax
        add al, bl
        pop bx
.known:
        cmp al, [caller_al]
        jbe .sensible
        mov al, 0
.sensible:
        mov [caller_al], al
        pop ax
        ret

; One attempt at a transfer, BH = DMA mode.
floppy_attempt:
        mov al, [caller_ch]
        test byte [di + bda.floppy_media], 0x20
        jz .single
        shl al, 1
.single:
        call fdc_seek
        jc .done
        test bh, bh
        jz .verify
        mov ch, [caller_al]             ; sectors * 512
        mov cl, 0
        shl cx, 1
        mov ah, disk_dma_boundary
        jc .done
        mov al, bh
        call dma_program
        jc .done
        call fdc_expect
        mov al, fdc_cmd_read
        cmp bh, 0x46
        je .command
        or byte [bda.motors], 0x80
        mov al, fdc_cmd_write
.command:
        call fdc_out
        jc .hung
        call .address
        mov bl, 4
        call floppy_parameter           ; last sector
        call fdc_out
        call .gap
        jc .hung
.end:
        call fdc_wait
        jc .done
        call fdc_results
        jc .hung
        and byte [bda.motors], 0x7f
        call fdc_status
.done:
        ret
.hung:
        call fdc_reset
        mov ah, disk_controller
        stc
        ret
; Head and drive, then where the sector says it is.
.address:
        mov al, [caller_dh]
        shl al, 1
        shl al, 1
        mov cx, di
        or al, cl
        call fdc_out
        mov al, [caller_ch]
        call fdc_out
        mov al, [caller_dh]
        call fdc_out
        mov al, [caller_cl]
        call fdc_out
        mov bl, 3
        call floppy_parameter           ; sector size
        jmp fdc_out
.gap:
        mov bl, 5
        call floppy_parameter
        call fdc_out
        mov bl, 6
        call floppy_parameter
        jmp fdc_out
; The controller's own VERIFY needs no memory: up to the last sector asked for.
.verify:
        call fdc_expect
        mov al, fdc_cmd_verify
        call fdc_out
        jc .hung
        call .address
        mov al, [caller_cl]
        add al, [caller_al]
        dec al
        call fdc_out
        call .gap
        jc .hung
        jmp .end

; AH=05h: one track, its address marks at ES:BX.
floppy_format:
        call floppy_drive_entry
        mov ah, disk_bad_command
        jc .done
        test byte [caller_dh], 0xfe
        jnz .done
        call floppy_motor
        call floppy_changed
        jc .changed
        test byte [di + bda.floppy_media], 0x10
        jnz .established
        mov al, [cs:si + 2]             ; nobody said which format: the drive's own
        mov bl, al
        mov bh, 0
        call floppy_media_state
        mov [di + bda.floppy_media], al
.established:
        mov al, [di + bda.floppy_media]
        rol al, 1
        rol al, 1
        and al, 0x03
        call floppy_set_rate
        mov al, [caller_ch]
        test byte [di + bda.floppy_media], 0x20
        jz .single
        shl al, 1
.single:
        call fdc_seek
        jc .end
        mov bl, 4
        call floppy_parameter
        mov ah, 0
        mov cx, ax
        shl cx, 1
        shl cx, 1
        mov al, 0x4a
        call dma_program
        jc .end
        call fdc_expect
        mov al, fdc_cmd_format
        call fdc_out
        jc .hung
        mov al, [caller_dh]
        shl al, 1
        shl al, 1
        mov cx, di
        or al, cl
        call fdc_out
        mov bl, 3                       ; size, sectors, gap, fill byte
        call floppy_parameter
        call fdc_out
        mov bl, 4
        call floppy_parameter
        call fdc_out
        mov bl, 7
        call floppy_parameter
        call fdc_out
        mov bl, 8
        call floppy_parameter
        call fdc_out
        jc .hung
        call fdc_wait
        jc .end
        call fdc_results
        jc .hung
        call fdc_status
.end:
        jmp floppy_motor_later
.hung:
        call fdc_reset
        mov ah, disk_controller
        jmp .end
.changed:
        call floppy_ready               ; clears the line, or finds no disk
        jmp .end
.done:
        ret

; AH=08h: the drive's largest format. BL = type, CH, CL, DH, DL = number of drives, ES:DI = parameter table.
floppy_geometry:
        mov al, [bda.equipment]
        mov cl, 6
        mov dl, 0
        test al, 1
        jz .counted
        shr al, cl
        and al, 0x03
        inc ax
        mov dl, al
.counted:
        mov [caller_dl], dl
        mov byte [caller_dh], 0
        call floppy_drive_entry
        jc .none
        mov ah, 0
        mov [caller_bx], ax
        mov byte [caller_al], 0
        mov ax, [cs:si]                 ; AL = last cylinder, AH = sectors
        xchg al, ah
        mov [caller_cx], ax
        mov byte [caller_dh], 1
        mov al, [cs:si + 5]
        mov ah, floppy_format_bytes
        mul ah
        add ax, floppy_formats + 4
        mov [caller_di], ax
        mov [caller_es], cs
        mov ah, 0
        ret
.none:
        xor ax, ax
        mov [caller_ax], ax
        mov [caller_bx], ax
        mov [caller_cx], ax
        mov [caller_di], ax
        mov [caller_es], ax
        cmp di, 2                       ; an empty place is no error, a drive that cannot be is
        jb .end
        mov ah, disk_bad_command
.end:
        ret

; AH=15h: 0 no drive, 1 without, 2 with a change line. Not a status.
floppy_kind:
        call floppy_drive_type
        mov ah, 0
        test al, al
        jz .told
        inc ah
        cmp al, 1
        je .told
        inc ah
.told:
        mov [caller_ah], ah
        pop ax                          ; the dispatcher would take it for an error
        mov byte [bda.floppy_status], 0
        jmp int13_floppy.exit

; AH=16h: 06h if the disk was changed.
floppy_change:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        mov ah, disk_changed
        cmp al, 1
        je .done
        call floppy_motor
        call floppy_changed
        mov ah, 0
        jnc .later
        mov ah, disk_changed
.later:
        jmp floppy_motor_later
.done:
        ret

; AH=17h: which disk in which drive will be formatted: 1 360K/360K, 2 360K/1.2M, 3 1.2M/1.2M, 4 720K.
floppy_set_kind:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        mov al, [caller_al]
        dec al
        cmp al, 4
        mov ah, disk_bad_command
        jae .done
        push ax
        call floppy_clear_change
        pop bx
        jc .later
        mov bh, 0
        mov al, [cs:bx + .states]
        mov [di + bda.floppy_media], al
        mov ah, 0
.later:
        jmp floppy_motor_later
.done:
        ret
.states: db 0x93, 0x74, 0x15, 0x97

; AH=18h: CH = last cylinder, CL = sectors: returns the parameter table at ES:DI.
floppy_set_media:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        mov cl, al
        mov dl, 1
        shl dl, cl                      ; the drive's bit
        mov bx, floppy_formats
        mov cx, floppy_formats_count
        mov ax, [caller_cx]
        and al, 0x3f
        xchg al, ah
.look:
        cmp [cs:bx], ax
        jne .other
        test [cs:bx + 3], dl
        jnz .found
.other:
        add bx, floppy_format_bytes
        loop .look
        mov ah, disk_unknown_media
.done:
        ret
.found:
        push bx
        call floppy_clear_change
        pop bx
        jc .later
        lea ax, [bx + 4]
        mov [caller_di], ax
        mov [caller_es], cs
        mov al, [cs:bx + 2]
        mov bl, al
        and bl, 0x03
        mov bh, 0
        test al, al
        jns .single
        mov bh, 0x20
.single:
        call floppy_media_state
        mov [di + bda.floppy_media], al
        mov ah, 0
.later:
        jmp floppy_motor_later

; Motor on and the change line put down. Carry and AH = 80h: there is no disk.
floppy_clear_change:
        call floppy_motor
        call floppy_changed
        jnc .done
        call floppy_ready
        cmp ah, disk_changed
        je .now
        test ah, ah
        jz .done
        stc
        ret
.now:
        clc
.done:
        ret
